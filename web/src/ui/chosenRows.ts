/** The rows of the keys that are chosen: as the table shows them, or as they were when it showed them last. */
export function chosenRows<Row>(
  keys: ReadonlySet<string>,
  shown: readonly Row[],
  rowKey: (row: Row) => string,
  before: ReadonlyMap<string, Row>,
): ReadonlyMap<string, Row> {
  const rows = new Map(before);
  for (const row of shown) rows.set(rowKey(row), row);
  return new Map([...keys].map((key) => [key, rows.get(key)!]));
}
