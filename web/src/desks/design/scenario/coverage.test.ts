import { expect, it } from 'vitest';

import { marksOf, type ProcessCoverage } from './coverage';

it('marks what was reached, and nothing else', () => {
  const coverage = {
    elements: { counts: { begin: 2, task: 0, end: 1 } },
    flows: { counts: { 'begin-to-task': 0, 'begin-to-end': 2 } },
  } as unknown as ProcessCoverage;
  expect(marksOf(coverage)).toEqual({
    marks: { begin: { state: 'passed', count: 2 }, end: { state: 'passed', count: 1 } },
    flows: ['begin-to-end'],
  });
});
