import { describe, expect, it } from 'vitest';

import { windowOf } from './windowing';

describe('the window of a long list', () => {
  it('has as many rows as can be seen, and a few more', () => {
    const { first, end } = windowOf(100_000, 44, 44_000, 880);
    expect(first).toBeLessThanOrEqual(1000);
    expect(end).toBeGreaterThanOrEqual(1020);
    expect(end - first).toBeLessThan(60);
  });

  it.each([
    [0, 0],
    [3, 0],
    [100, 4400],
    [100, 99_999],
  ])('leaves room for all %i rows, scrolled to %i', (rows, scrolled) => {
    const { first, end, above, below } = windowOf(rows, 44, scrolled, 880);
    expect(above + (end - first) * 44 + below).toBe(rows * 44);
    expect(first).toBeGreaterThanOrEqual(0);
    expect(end).toBeLessThanOrEqual(rows);
    expect(end).toBeGreaterThanOrEqual(first);
  });
});
