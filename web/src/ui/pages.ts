/**
 * The pages of a long list that have been read so far, one behind the other.
 *
 * Reading the list anew reads only what is in sight. What stands above stays, so that nothing moves; what stands
 * below stays where it still joins on, and is left to be read again otherwise. Pages that stayed are marked old,
 * and are read again when they come into sight.
 */

export interface SearchPage<Row> {
  items: Row[];
  page: { totalItems: number; hasMoreTotalItems: boolean; endCursor?: string | null };
}

interface ReadPage<Row> extends SearchPage<Row> {
  /** Read before the others were. */
  isOld?: boolean;
  /** There is nothing behind it. */
  isLast: boolean;
}

export interface Pages<Row> {
  pages: ReadPage<Row>[];
  /** The cursor that each page begins behind; null at the beginning of the list. */
  pageParams: (string | null)[];
}

/** Rows by their places in the list; `end` is behind the last one. */
export interface Sight {
  first: number;
  end: number;
}

export const LIMIT = 100;

/** Reads the page behind a cursor. */
export type Read<Row> = (after: string | null) => Promise<SearchPage<Row>>;

async function readBehind<Row>(after: string | null, read: Read<Row>): Promise<ReadPage<Row>> {
  const found = await read(after);
  return { ...found, isLast: found.items.length < LIMIT || !found.page.endCursor };
}

/** The first page alone. */
export async function beginning<Row>(read: Read<Row>): Promise<Pages<Row>> {
  return { pages: [await readBehind(null, read)], pageParams: [null] };
}

/** Where the next page begins; null where there is none. */
export function nextCursor<Row>({ pages }: Pages<Row>): string | null {
  const last = pages.at(-1);
  return !last || last.isLast ? null : last.page.endCursor!;
}

/** Read the page behind a cursor; what it gives is put to the pages that there are then. */
export async function following<Row>(after: string, read: Read<Row>, rowKey: (row: Row) => string) {
  const page = await readBehind(after, read);
  return (now: Pages<Row>): Pages<Row> => {
    // Meanwhile the list may have been read anew and end elsewhere.
    if (nextCursor(now) !== after) return now;
    const known = new Set(now.pages.flatMap(({ items }) => items.map(rowKey)));
    const items = page.items.filter((row) => !known.has(rowKey(row)));
    return { pages: [...now.pages, { ...page, items }], pageParams: [...now.pageParams, after] };
  };
}

/** Read what is in sight anew; what it gives is put in its place among the pages that there are then. */
export async function refreshed<Row>(known: Pages<Row>, sight: Sight, read: Read<Row>, rowKey: (row: Row) => string) {
  const [from, to] = pagesIn(known, sight);
  const start = known.pageParams[from] ?? null;
  const fresh: Pages<Row> = { pages: [], pageParams: [] };
  for (let after: string | null = start; fresh.pages.length <= to - from; ) {
    const page: ReadPage<Row> = await readBehind(after, read);
    fresh.pages.push(page);
    fresh.pageParams.push(after);
    if (page.isLast) break;
    after = page.page.endCursor!;
  }
  return (now: Pages<Row>): Pages<Row> => {
    const at = now.pageParams.indexOf(start);
    return at < 0 ? fresh : joined(now, at, fresh, rowKey);
  };
}

/** Which pages some rows stand in: the first and the last one. */
export function pagesIn<Row>({ pages }: Pages<Row>, { first, end }: Sight): [number, number] {
  let from = 0;
  let above = 0;
  while (from < pages.length - 1 && above + pages[from]!.items.length <= first) above += pages[from++]!.items.length;
  let to = from;
  while (to < pages.length - 1 && above + pages[to]!.items.length < end) above += pages[to++]!.items.length;
  return [from, to];
}

/** Whether rows in sight were read before others were. */
export function isOldIn<Row>(rows: Pages<Row>, sight: Sight): boolean {
  const [from, to] = pagesIn(rows, sight);
  return rows.pages.slice(from, to + 1).some(({ isOld }) => isOld);
}

function joined<Row>(now: Pages<Row>, at: number, fresh: Pages<Row>, rowKey: (row: Row) => string): Pages<Row> {
  const end = fresh.pages.at(-1)!;
  const next = end.isLast ? -1 : now.pageParams.indexOf(end.page.endCursor!);
  const behind = next > at ? next : now.pages.length;
  const read = new Set(fresh.pages.flatMap(({ items }) => items.map(rowKey)));
  const old = (page: ReadPage<Row>): ReadPage<Row> => {
    // A row that has moved stands where it was read last.
    const hasMoved = page.items.some((row) => read.has(rowKey(row)));
    return { ...page, isOld: true, items: hasMoved ? page.items.filter((row) => !read.has(rowKey(row))) : page.items };
  };
  return {
    pages: [...now.pages.slice(0, at).map(old), ...fresh.pages, ...now.pages.slice(behind).map(old)],
    pageParams: [...now.pageParams.slice(0, at), ...fresh.pageParams, ...now.pageParams.slice(behind)],
  };
}
