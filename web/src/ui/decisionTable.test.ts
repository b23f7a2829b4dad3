// @vitest-environment happy-dom
import { readFileSync } from 'node:fs';

import { describe, expect, it } from 'vitest';

import { hitPolicyLetter, readDecision } from './decisionTable';

const pricing = readFileSync('../dmn/loan-pricing.dmn', 'utf8');

describe('a shipped decision', () => {
  it('is read with inputs, outputs and rules of the same width', () => {
    const table = readDecision(pricing, 'loan-pricing');
    if (table?.kind !== 'table') throw new Error(`not a table: ${table?.kind}`);
    expect(table.inputs.length).toBeGreaterThan(0);
    expect(table.rules.length).toBeGreaterThan(1);
    for (const rule of table.rules) {
      expect(rule.inputs).toHaveLength(table.inputs.length);
      expect(rule.outputs).toHaveLength(table.outputs.length);
      expect(rule.annotations).toHaveLength(table.annotations.length);
    }
  });
});

const wrap = (logic: string) =>
  `<definitions xmlns="https://www.omg.org/spec/DMN/20230324/MODEL/"><decision id="d" name="D">${logic}</decision></definitions>`;

it('reads a literal expression', () => {
  expect(readDecision(wrap('<literalExpression><text>a + b</text></literalExpression>'), 'd')).toEqual({
    kind: 'literal',
    name: 'D',
    expression: 'a + b',
  });
});

it('knows a decision without logic, and one that is not there', () => {
  expect(readDecision(wrap(''), 'd')).toBeNull();
  expect(readDecision(wrap(''), 'other')).toBeNull();
});

it('says the hit policy as a letter', () => {
  const table = readDecision(wrap('<decisionTable hitPolicy="COLLECT" aggregation="SUM"/>'), 'd');
  expect(table?.kind === 'table' && hitPolicyLetter(table)).toBe('C+');
});
