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
