/** Which part of a diagram is shown first: all of it where it can be read then, or else where the tokens are. */

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** Drawn smaller than this, the texts of a diagram are guessed rather than read. */
export const LEGIBLE = 0.6;
const COMFORTABLE = 0.85;
const AROUND = 90;

/**
 * The part to show of a diagram, in its own units, in a window of so many pixels; null for all of it.
 *
 * @param drawing what is drawn
 * @param places what matters most, first things first
 */
export function firstView(drawing: Box, window: { width: number; height: number }, places: readonly Box[]): Box | null {
  const whole = Math.min(window.width / drawing.width, window.height / drawing.height);
  if (whole >= LEGIBLE || places.length === 0 || window.width === 0) return null;
  const all = around(places);
  const scaleOfAll = Math.min(window.width / all.width, window.height / all.height);
  const shown = scaleOfAll >= LEGIBLE ? all : around(places.slice(0, 1));
  const scale = scaleOfAll >= LEGIBLE ? Math.min(COMFORTABLE, scaleOfAll) : COMFORTABLE;
  const [width, height] = [window.width / scale, window.height / scale];
  return {
    x: kept(shown.x + shown.width / 2 - width / 2, width, drawing.x, drawing.width),
    y: kept(shown.y + shown.height / 2 - height / 2, height, drawing.y, drawing.height),
    width,
    height,
  };
}

function around(boxes: readonly Box[]): Box {
  const [left, top] = [Math.min(...boxes.map(({ x }) => x)), Math.min(...boxes.map(({ y }) => y))];
  const right = Math.max(...boxes.map(({ x, width }) => x + width));
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height));
  return { x: left - AROUND, y: top - AROUND, width: right - left + 2 * AROUND, height: bottom - top + 2 * AROUND };
}

/** Where a view begins so that it shows the drawing and not the paper beside it; in its middle where it is longer. */
function kept(start: number, length: number, from: number, extent: number): number {
  if (length >= extent) return from + extent / 2 - length / 2;
  return Math.max(from, Math.min(start, from + extent - length));
}
