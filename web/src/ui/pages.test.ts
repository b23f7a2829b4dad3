import { describe, expect, it } from 'vitest';

import { beginning, following, isOldIn, LIMIT, nextCursor, pagesIn, refreshed, type Pages, type Read } from './pages';

interface Row {
  key: number;
  text?: string;
}

/** A server whose rows stand by their keys; a cursor is the key that the page begins behind. */
function server(count: number) {
  const rows: Row[] = Array.from({ length: count }, (_, at) => ({ key: (at + 1) * 10 }));
  const asked: (string | null)[] = [];
  const read: Read<Row> = (after) => {
    asked.push(after);
    const items = rows.filter(({ key }) => key > Number(after ?? 0)).slice(0, LIMIT);
    const endCursor = items.length > 0 ? String(items.at(-1)!.key) : null;
    return Promise.resolve({ items, page: { totalItems: rows.length, hasMoreTotalItems: false, endCursor } });
  };
  return { rows, asked, read };
}

const keyOf = ({ key }: Row) => String(key);
const keysOf = ({ pages }: Pages<Row>) => pages.flatMap(({ items }) => items.map(({ key }) => key));

async function loaded(read: Read<Row>, pages: number): Promise<Pages<Row>> {
  let all = await beginning(read);
  while (all.pages.length < pages) all = (await following(nextCursor(all)!, read, keyOf))(all);
  return all;
}

/** What is read anew while somebody looks at some rows. */
async function anew(all: Pages<Row>, first: number, read: Read<Row>, now = all) {
  return (await refreshed(all, { first, end: first + 30 }, read, keyOf))(now);
}

describe('reading page by page', () => {
  it('goes on behind the last row, until there is none', async () => {
    const { read, rows } = server(250);
    const all = await loaded(read, 3);
    expect(keysOf(all)).toEqual(rows.map(({ key }) => key));
    expect(nextCursor(all)).toBeNull();
  });

  it('forgets a page that the list no longer ends before', async () => {
    const { read } = server(500);
    const all = await loaded(read, 2);
    const put = await following(nextCursor(all)!, read, keyOf);
    const longer = await loaded(read, 3);
    expect(put(longer)).toBe(longer);
    expect(keysOf(put(all))).toHaveLength(300);
  });
});

describe('reading a long list anew', () => {
  it('asks for what is in sight only, however much has been read', async () => {
    const { read, asked } = server(10_000);
    const all = await loaded(read, 100);
    asked.length = 0;
    const now = await anew(all, 5_020, read);
    expect(asked).toEqual(['50000']);
    expect(keysOf(now)).toHaveLength(10_000);
    await anew(all, 5_090, read);
    expect(asked.slice(1)).toEqual(['50000', '51000']);
  });

  it('keeps what stands above in its place, and reads it when it comes into sight', async () => {
    const { read, rows } = server(1_000);
    const all = await loaded(read, 10);
    for (const row of rows) row.text = 'new';
    const now = await anew(all, 520, read);
    expect(keysOf(now).slice(0, 600)).toEqual(rows.slice(0, 600).map(({ key }) => key));
    expect(isOldIn(now, { first: 520, end: 550 })).toBe(false);
    expect(isOldIn(now, { first: 480, end: 510 })).toBe(true);
    const further = await anew(now, 480, read);
    expect(isOldIn(further, { first: 480, end: 510 })).toBe(false);
  });

  it('keeps what stands below where it joins on, and leaves it to be read again where it does not', async () => {
    const { read, rows } = server(1_000);
    const all = await loaded(read, 10);
    expect(keysOf(await anew(all, 520, read))).toHaveLength(1_000);
    rows.splice(530, 1);
    const now = await anew(all, 520, read);
    expect(keysOf(now)).toEqual(rows.slice(0, 600).map(({ key }) => key));
    expect(nextCursor(now)).toBe(String(rows[599]!.key));
    expect(keysOf((await following(nextCursor(now)!, read, keyOf))(now))).toEqual(rows.slice(0, 700).map(({ key }) => key));
  });

  it('leaves no gap where rows have come', async () => {
    const { read, rows } = server(1_000);
    const all = await loaded(read, 10);
    rows.splice(530, 0, { key: 5_305 }, { key: 5_306 });
    const now = await anew(all, 520, read);
    expect(keysOf(now)).toEqual(rows.slice(0, 600).map(({ key }) => key));
  });

  it('shows a row once that has moved into sight', async () => {
    const { read, rows } = server(1_000);
    const all = await loaded(read, 10);
    const [moved] = rows.splice(100, 1);
    all.pages[1]!.items[0] = moved!;
    moved!.key = 5_205;
    rows.splice(rows.findIndex(({ key }) => key > 5_205), 0, moved!);
    const now = keysOf(await anew(all, 520, read));
    expect(now.filter((key) => key === 5_205)).toHaveLength(1);
    expect(new Set(now).size).toBe(now.length);
  });

  it('keeps what has changed in its place meanwhile', async () => {
    const { read } = server(300);
    const all = await loaded(read, 3);
    const patched = { ...all, pages: all.pages.map((page) => ({ ...page, items: page.items.map((row) => ({ ...row, text: 'patched' })) })) };
    const now = await anew(all, 120, read, patched);
    expect(now.pages.map(({ items }) => items[0]!.text)).toEqual(['patched', undefined, 'patched']);
  });

  it('begins again where nothing is left of what was in sight', async () => {
    const { read, rows } = server(300);
    const all = await loaded(read, 3);
    rows.splice(150, 150);
    const now = await anew(all, 250, read);
    expect(keysOf(now)).toHaveLength(200);
    expect(isOldIn(now, { first: 170, end: 200 })).toBe(true);
    expect(keysOf(await anew(now, 170, read))).toEqual(rows.map(({ key }) => key));
  });
});

it('knows which pages some rows stand in', () => {
  const pages = [100, 99, 0, 100].map((length) => ({
    items: Array<Row>(length),
    page: { totalItems: 0, hasMoreTotalItems: false },
    isLast: false,
  }));
  const all = { pages, pageParams: [null, 'a', 'b', 'c'] };
  expect(pagesIn(all, { first: 0, end: 30 })).toEqual([0, 0]);
  expect(pagesIn(all, { first: 99, end: 130 })).toEqual([0, 1]);
  expect(pagesIn(all, { first: 210, end: 240 })).toEqual([3, 3]);
  expect(pagesIn(all, { first: 900, end: 940 })).toEqual([3, 3]);
});
