/** All that a search finds, where a case must be complete: on paper and in an export. */
const LIMIT = 1000;

interface Page<Row> {
  items: Row[];
  page: { endCursor: string | null };
}

/** Every row of a search. */
export async function everyRow<Row>(search: (page: { limit: number; after?: string }) => Promise<Page<Row>>): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after: string | null = null; ; ) {
    const found: Page<Row> = await search({ limit: LIMIT, ...(after !== null && { after }) });
    rows.push(...found.items);
    if (found.items.length < LIMIT || found.page.endCursor === null) return rows;
    after = found.page.endCursor;
  }
}

/** Values are not cut. Known to the server, not to its description. */
export const WHOLE = { query: { truncateValues: false } };
