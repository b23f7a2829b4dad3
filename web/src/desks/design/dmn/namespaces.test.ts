import { expect, it } from 'vitest';

import { asDmn13, lossesOf } from './namespaces';

const file = (version: string, logic = '<literalExpression><text>1</text></literalExpression>') =>
  `<definitions xmlns="https://www.omg.org/spec/DMN/${version}/MODEL/" xmlns:dmndi="https://www.omg.org/spec/DMN/${version}/DMNDI/" ` +
  `xmlns:di="http://www.omg.org/spec/DMN/20180521/DI/"><decision id="d">${logic}</decision></definitions>`;

it('leaves DMN 1.3 as it is', () => {
  expect(asDmn13(file('20191111'))).toEqual({ xml: file('20191111'), losses: [] });
});

it.each(['20180521', '20211108', '20230324', '20240513'])('opens %s under the names of DMN 1.3', (version) => {
  const { xml, losses } = asDmn13(file(version));
  expect(xml).toContain('xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/"');
  expect(xml).toContain('xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/"');
  expect(xml).toContain('http://www.omg.org/spec/DMN/20180521/DI/');
  expect(losses).toEqual([]);
});

it('names what DMN 1.3 has not', () => {
  expect(asDmn13(file('20230324', '<conditional><if/></conditional><filter/>')).losses).toEqual(['conditional', 'filter']);
});

it('takes no table for a filter', () => {
  expect(asDmn13(file('20230324', '<decisionTable><input label="filter"/></decisionTable>')).losses).toEqual([]);
});

it('keeps the warnings that mean a loss', () => {
  const warnings = [{ message: 'unparsable content <conditional> detected\n\tline: 3' }, { message: 'unresolved reference <x>' }];
  expect(lossesOf(warnings)).toEqual(['unparsable content <conditional> detected']);
});
