import { expect, test } from 'vitest';

import { firstView, LEGIBLE } from './diagramView';

const WINDOW = { width: 1000, height: 400 };
const WIDE = { x: 100, y: 50, width: 3000, height: 1200 };

test('all of a diagram is shown where it can be read then, or nothing matters more', () => {
  expect(firstView({ x: 0, y: 0, width: 1200, height: 500 }, WINDOW, [{ x: 10, y: 10, width: 100, height: 80 }])).toBeNull();
  expect(firstView(WIDE, WINDOW, [])).toBeNull();
});

test('of a large one the tokens are shown, legibly', () => {
  const places = [
    { x: 1500, y: 600, width: 100, height: 80 },
    { x: 1900, y: 700, width: 100, height: 80 },
  ];
  const view = firstView(WIDE, WINDOW, places)!;
  expect(WINDOW.width / view.width).toBeGreaterThanOrEqual(LEGIBLE);
  for (const { x, y, width, height } of places) {
    expect(x).toBeGreaterThan(view.x);
    expect(y).toBeGreaterThan(view.y);
    expect(x + width).toBeLessThan(view.x + view.width);
    expect(y + height).toBeLessThan(view.y + view.height);
  }
});

test('of tokens far apart the first is shown', () => {
  const [first, other] = [
    { x: 2900, y: 1100, width: 100, height: 80 },
    { x: 150, y: 60, width: 100, height: 80 },
  ];
  const view = firstView(WIDE, WINDOW, [first, other])!;
  expect(first.x + first.width).toBeLessThanOrEqual(view.x + view.width);
  expect(first.x).toBeGreaterThan(view.x);
  expect(other.x + other.width).toBeLessThan(view.x);
  // And not the paper beside the drawing.
  expect(view.x + view.width).toBeLessThanOrEqual(WIDE.x + WIDE.width);
  expect(view.y + view.height).toBeLessThanOrEqual(WIDE.y + WIDE.height);
});

test('a view that is higher than the drawing has it in its middle', () => {
  const flat = { x: 0, y: 0, width: 4000, height: 200 };
  const view = firstView(flat, WINDOW, [{ x: 2000, y: 60, width: 100, height: 80 }])!;
  expect(view.y + view.height / 2).toBeCloseTo(100);
});
