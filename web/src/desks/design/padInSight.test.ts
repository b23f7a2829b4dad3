import { expect, it } from 'vitest';

import { inSight } from './padInSight';

const PAD = { width: 72, height: 120 };
const CANVAS = { width: 900, height: 600 };

it('leaves a pad that can be reached where it is', () => {
  expect(inSight({ left: 412, top: 200 }, 300, PAD, CANVAS)).toEqual({ left: 412, top: 200 });
  expect(inSight({ left: 800, top: 480 }, 700, PAD, CANVAS)).toEqual({ left: 800, top: 480 });
});

it('puts a pad at the other side where it would be cut off or lie under the button of the edge', () => {
  expect(inSight({ left: 801, top: 200 }, 700, PAD, CANVAS)).toEqual({ left: 616, top: 200 });
  expect(inSight({ left: 1200, top: 200 }, 880, PAD, CANVAS)).toEqual({ left: 796, top: 200 });
});

it('puts it over an element that takes the whole width', () => {
  expect(inSight({ left: 950, top: 200 }, 20, PAD, CANVAS)).toEqual({ left: 800, top: 200 });
});

it('lifts it above the lower edge', () => {
  expect(inSight({ left: 412, top: 520 }, 300, PAD, CANVAS)).toEqual({ left: 412, top: 480 });
});

it('lets it go out of sight with its element', () => {
  expect(inSight({ left: 412, top: 700 }, 300, PAD, CANVAS)).toEqual({ left: 412, top: 700 });
  expect(inSight({ left: 412, top: -300 }, 300, PAD, CANVAS)).toEqual({ left: 412, top: -300 });
  expect(inSight({ left: 1500, top: 200 }, 1388, PAD, CANVAS).left).toBeGreaterThan(CANVAS.width);
});

it('stays below the upper edge of a canvas that is lower than the pad', () => {
  expect(inSight({ left: 412, top: 40 }, 300, PAD, { width: 900, height: 100 })).toEqual({ left: 412, top: 0 });
});
