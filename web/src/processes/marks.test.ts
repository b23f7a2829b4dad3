import { expect, test } from 'vitest';

import { heatOf, largestOf, marksOfCase, shadesOf } from './marks';

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

test('a call is marked where something went wrong in what it called', () => {
  expect(marksOfCase([count('call', 1, 0), count('other', 1, 0)], new Set(['call']))).toEqual({ call: { state: 'incident' }, other: { state: 'active' } });
});

test('heat is relative to the largest number; elements without any are cold', () => {
  const counts = [count('a', 10, 5), count('b', 5, 0, 2), count('c', 0, 20)];
  expect(heatOf(counts, 'active')).toEqual({ a: { count: 10, heat: 4 }, b: { count: 5, heat: 2, incidents: 2 } });
  expect(heatOf(counts, 'incidents')).toEqual({ b: { count: 2, heat: 4, incidents: 2 } });
  expect(heatOf([], 'completed')).toEqual({});
  expect(heatOf(counts, 'active', (id) => id === 'a')).toEqual({ a: { count: 10 }, b: { count: 5, heat: 4, incidents: 2 } });
});

test('the legend says which numbers a shade stands for', () => {
  expect(shadesOf(0)).toEqual([]);
  expect(shadesOf(1)).toEqual([{ heat: 4, from: 1, to: 1 }]);
  expect(shadesOf(12).map(({ from, to }) => [from, to])).toEqual([[1, 2], [3, 4], [5, 7], [8, 9], [10, 12]]);
  for (const largest of [1, 2, 3, 4, 7, 99, 1000]) {
    const shades = shadesOf(largest);
    for (let number = 1; number <= largest; number += 1) {
      const { heat } = heatOf([count('a', number, 0), count('b', largest, 0)], 'active')['a']!;
      expect(shades.filter(({ from, to }) => from <= number && number <= to)).toEqual([expect.objectContaining({ heat })]);
    }
  }
  expect(largestOf([count('a', 9, 0), count('b', 2, 0)], 'active', (id) => id === 'a')).toBe(2);
});
