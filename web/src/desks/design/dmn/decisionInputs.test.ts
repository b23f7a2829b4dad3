// @vitest-environment happy-dom
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { decisionsOf, numberOf, valueOf } from './decisionInputs';

const machine = readFileSync(join(process.cwd(), '..', 'dmn', 'machine-decision.dmn'), 'utf8');

it('finds all input data that a decision builds on, through other decisions', () => {
  const decision = decisionsOf(machine).find(({ id }) => id === 'machine-decision')!;
  expect(decision.inputs.map(({ name }) => name).sort()).toEqual(
    ['amount', 'fraudLevel', 'monthlyDebt', 'monthlyIncome', 'overdueCount', 'score', 'termMonths'].sort(),
  );
  const grade = decisionsOf(machine).find(({ id }) => id === 'credit-grade')!;
  expect(grade.inputs.map(({ name }) => name).sort()).toEqual(['overdueCount', 'score']);
});

it('asks for what decisions of imported files build on, each name once', () => {
  const model = (id: string, content: string) => `<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="${id}" namespace="urn:${id}">${content}</definitions>`;
  const input = (id: string, name: string) => `<inputData id="${id}"><variable name="${name}" typeRef="number" /></inputData>`;
  const decision = (id: string, required: string) => `<decision id="${id}" name="${id}">${required}</decision>`;
  const needs = (kind: string, href: string) => `<informationRequirement><required${kind} href="${href}" /></informationRequirement>`;
  // The same ids in both files: a reference without a namespace stays in its own.
  const bureau = model('bureau', input('in', 'score') + input('more', 'amount') + decision('grade', needs('Input', '#in') + needs('Input', '#more')));
  const price = model('price', input('in', 'amount') + decision('price', needs('Decision', 'urn:bureau#grade') + needs('Input', '#in')));
  const names = (imported: string[]) => decisionsOf(price, imported).map(({ inputs }) => inputs.map(({ name }) => name));
  expect(names([bureau])).toEqual([['score', 'amount']]);
  expect(names([])).toEqual([['amount']]);
});

it('offers the texts that the file allows', () => {
  const decision = decisionsOf(machine).find(({ id }) => id === 'machine-decision')!;
  expect(decision.inputs.find(({ name }) => name === 'fraudLevel')).toEqual({
    name: 'fraudLevel',
    type: 'text',
    choices: ['clear', 'review', 'high-risk'],
  });
  expect(decision.inputs.find(({ name }) => name === 'amount')).toEqual({ name: 'amount', type: 'number', choices: [] });
});

it.each([
  ['20,000.01', 'number', 20000.01],
  ['', 'number', null],
  ['0.1234567890123456789', 'number', undefined],
  ['abc', 'number', undefined],
  ['true', 'boolean', true],
  ['2026-01-05', 'date', '2026-01-05'],
  ['12', 'text', '12'],
  ['["a"]', 'any', ['a']],
  ['plain', 'any', 'plain'],
] as const)('reads %j as %s', (typed, type, value) => expect(valueOf(typed, type)).toEqual(value));

it('takes no number that it would change', () => {
  expect(numberOf('999999999999999')).toBe(999_999_999_999_999);
  expect(numberOf('9999999999999999')).toBeUndefined();
});
