import { expect, test } from 'vitest';

import { heatOf, marksOfCase } from './marks';

const count = (elementId: string, active: number, completed: number, incidents = 0, canceled = 0) => ({
  elementId,
  active,
  completed,
  canceled,
  incidents,
});

test('an incident goes before a token, a token before what was passed', () => {
  expect(marksOfCase([count('a', 0, 1), count('b', 1, 2), count('c', 1, 0, 1), count('d', 0, 0, 0, 1)])).toEqual({
    a: { state: 'passed' },
    b: { state: 'active', count: 3 },
    c: { state: 'incident', incidents: 1 },
    d: {},
  });
});

test('heat is relative to the largest number; elements without any are cold', () => {
  const counts = [count('a', 10, 5), count('b', 5, 0, 2), count('c', 0, 20)];
  expect(heatOf(counts, 'active')).toEqual({ a: { count: 10, heat: 1 }, b: { count: 5, heat: 0.5, incidents: 2 } });
  expect(heatOf(counts, 'incidents')).toEqual({ b: { count: 2, heat: 1, incidents: 2 } });
  expect(heatOf([], 'completed')).toEqual({});
  expect(heatOf(counts, 'active', (id) => id === 'a')).toEqual({ a: { count: 10 }, b: { count: 5, heat: 1, incidents: 2 } });
});
