/** Which rows of a long list are to be drawn. Rows have one height, so nothing needs to be measured. */

export interface Window {
  first: number;
  /** Behind the last one. */
  end: number;
  above: number;
  below: number;
}

const EXTRA = 8;

export function windowOf(rows: number, rowHeight: number, scrolled: number, height: number): Window {
  const first = Math.max(0, Math.min(Math.floor(scrolled / rowHeight), rows) - EXTRA);
  const end = Math.min(rows, Math.ceil((scrolled + height) / rowHeight) + EXTRA);
  return { first, end, above: first * rowHeight, below: Math.max(0, rows - end) * rowHeight };
}
