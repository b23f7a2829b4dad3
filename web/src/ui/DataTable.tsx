/**
 * A list of any length: only what is seen is drawn, further pages are fetched while scrolling.
 *
 * A native table for readers and keyboards: j and k (or the arrows) move, Enter opens, x selects. What it sorts by
 * stands in the address, which columns are shown is kept in the browser under `id`. On a telephone `card` draws
 * each row instead.
 */
import { ReloadOutlined } from '@ant-design/icons';
import { Button, Checkbox, Skeleton, Spin } from 'antd';
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type ReactNode } from 'react';
import { useNavigate } from 'react-router';

import { useText } from '../i18n/shell';
import { ColumnChoice, useChosenColumns } from './ColumnChoice';
import styles from './DataTable.module.css';
import { TableRow } from './DataTableRow';
import { EmptyState } from './EmptyState';
import { useNarrow } from './media';
import { ProblemNotice } from './ProblemNotice';
import { useShortcuts } from './shortcuts';
import { SortHeader } from './SortHeader';
import { useUrlState } from './urlState';
import type { SearchPage } from './pages';
import { useRows, type SearchRequest, type Sort } from './useRows';
import { windowOf } from './windowing';

export interface Column<Row> {
  /** Stable: which columns somebody has chosen is kept by it. */
  key: string;
  title: string;
  /** Pixels at least; columns share what is left by their widths. */
  width: number;
  /** The field that the search sorts by. */
  sort?: string;
  /** Only shown when somebody chooses it. */
  hidden?: boolean;
  align?: 'start' | 'end';
  render: (row: Row) => ReactNode;
}

export interface Selection<Row> {
  keys: ReadonlySet<string>;
  /** Told of what is chosen now, and of all rows that the table knows. */
  onChange: (keys: Set<string>, rows: readonly Row[]) => void;
}

export interface DataTableProps<Row> {
  /** Names the table in the browser's memory, such as `review.todo`. */
  id: string;
  /** What the table lists, for screen readers. */
  label: string;
  columns: readonly Column<Row>[];
  rowKey: (row: Row) => string;
  /** `['post', '/v2/user-tasks/search', filter]`: live updates find it by the path. */
  queryKey: readonly unknown[];
  search: (request: SearchRequest) => Promise<SearchPage<Row>>;
  defaultSort: Sort;
  /** Where a row leads; its first cell is the link. */
  to?: (row: Row) => string;
  selection?: Selection<Row>;
  /** Left of the total and the choice of columns: filters, bulk actions. */
  toolbar?: ReactNode;
  /** Shown where there is nothing at all. */
  empty: ReactNode;
  /** Given while filters are set: then "nothing matches" is said, with a way to clear them. */
  onClearFilters?: (() => void) | undefined;
  /** A row as a card, on a telephone. */
  card?: (row: Row) => ReactNode;
  cardHeight?: number;
  /** Told of the row that the keyboard is at, for shortcuts of the page. */
  onActive?: (row: Row | undefined) => void;
  /** Mark a row, such as the one that is open beside the table. */
  isCurrent?: (row: Row) => boolean;
}

const ROW_HEIGHT = 44;
const SELECT_WIDTH = 44;
/** So many rows before the last one the next page is fetched: before somebody who scrolls gets there. */
const NEAR_END = 60;
/** So many rows in sight are looked for in a list that was read anew, to see how far it has moved. */
const MOST_SOUGHT = 20;

export function DataTable<Row>(props: DataTableProps<Row>) {
  const { id, columns, rowKey, queryKey, search, defaultSort, to, selection, card, cardHeight = 96 } = props;
  const t = useText();
  const navigate = useNavigate();
  const asCards = useNarrow() && card !== undefined;
  const [sort, setSort] = useSort(defaultSort);
  const found = useRows(queryKey, [sort], search, rowKey);
  const [shown, choose] = useChosenColumns(id, columns);
  const [active, setActive] = useActive(found.rows, rowKey);
  const scroller = useRef<HTMLDivElement>(null);
  const rowHeight = asCards ? cardHeight : ROW_HEIGHT;
  const view = useWindow(scroller, found.rows.length, rowHeight);
  const place = JSON.stringify([id, queryKey, sort]);
  useKeptPlace(scroller, place, found.rows.length > 0);
  useSteadyRows(scroller, place, found.rows, rowKey, rowHeight);

  const { look, hasNextPage, isFetching, fetchNextPage, error } = found;
  useEffect(() => look({ first: view.first, end: view.end }), [look, view.first, view.end]);
  const nearEnd = view.end >= found.rows.length - NEAR_END;
  useEffect(() => {
    if (nearEnd && hasNextPage && !isFetching && error === null) fetchNextPage();
  }, [nearEnd, hasNextPage, isFetching, error, fetchNextPage]);

  const move = (step: number) => {
    const next = Math.max(0, Math.min(found.rows.length - 1, active + step));
    if (found.rows.length === 0) return;
    setActive(next);
    reveal(scroller.current, next, rowHeight, asCards ? 0 : ROW_HEIGHT);
  };
  const activeRow = found.rows[active];
  const { onActive } = props;
  useEffect(() => onActive?.(activeRow), [onActive, activeRow]);
  const toggle = useSteady((row: Row) => selection?.onChange(toggled(selection.keys, rowKey(row)), found.rows));
  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    ...(to && activeRow !== undefined && { Enter: (event) => !isControl(event) && void navigate(to(activeRow)) }),
    ...(selection && activeRow !== undefined && { x: () => toggle(activeRow) }),
  });

  const width = shown.reduce((sum, column) => sum + column.width, selection ? SELECT_WIDTH : 0);
  const allSelected = found.rows.length > 0 && found.rows.every((row) => selection?.keys.has(rowKey(row)));
  return (
    <section className={styles.frame} aria-label={props.label} aria-busy={found.isFetching}>
      <div className={styles.toolbar}>
        {props.toolbar}
        <div className={styles.right}>
          {found.data && <span className="secondary">{totalText(t, found.total, found.isMoreThanCounted)}</span>}
          <Button
            type="text"
            icon={<ReloadOutlined spin={found.isRefetching} />}
            aria-label={t('table.refresh')}
            onClick={() => void found.refetch()}
          />
          {!asCards && <ColumnChoice columns={columns} shown={shown} onChange={choose} />}
        </div>
      </div>
      {found.error !== null && <ProblemNotice error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Skeleton active paragraph={{ rows: 8 }} title={false} />}
      {found.data && found.rows.length === 0 && found.error === null && <Nothing {...props} />}
      {found.rows.length > 0 && (
        <div className={styles.scroller} ref={scroller} tabIndex={0} role="region" aria-label={props.label}>
          {asCards ? (
            <ul className={styles.cards} style={{ paddingTop: view.above, paddingBottom: view.below }}>
              {found.rows.slice(view.first, view.end).map((row) => (
                <li key={rowKey(row)} style={{ height: cardHeight }}>
                  {card(row)}
                </li>
              ))}
            </ul>
          ) : (
            <table className={styles.table} style={{ minWidth: width }} aria-rowcount={found.isMoreThanCounted ? -1 : found.total + 1}>
              <colgroup>
                {selection && <col style={{ width: SELECT_WIDTH }} />}
                {shown.map(({ key, width }) => (
                  <col key={key} style={{ width }} />
                ))}
              </colgroup>
              <thead>
                <tr aria-rowindex={1}>
                  {selection && (
                    <th scope="col" className={styles.select}>
                      <Checkbox
                        aria-label={t('table.selectAll')}
                        checked={allSelected}
                        indeterminate={!allSelected && selection.keys.size > 0}
                        onChange={() => selection.onChange(new Set(allSelected ? [] : found.rows.map(rowKey)), found.rows)}
                      />
                    </th>
                  )}
                  {shown.map((column) => (
                    <SortHeader key={column.key} title={column.title} field={column.sort} align={column.align} sort={sort} onSort={setSort} />
                  ))}
                </tr>
              </thead>
              <tbody>
                {view.above > 0 && <Gap height={view.above} columns={shown.length + (selection ? 1 : 0)} />}
                {found.rows.slice(view.first, view.end).map((row, index) => (
                  <TableRow
                    key={rowKey(row)}
                    row={row}
                    index={view.first + index}
                    columns={shown}
                    to={to}
                    isActive={view.first + index === active}
                    isCurrent={props.isCurrent?.(row) ?? false}
                    isSelected={selection?.keys.has(rowKey(row))}
                    onSelect={selection && toggle}
                    onActivate={setActive}
                  />
                ))}
                {view.below > 0 && <Gap height={view.below} columns={shown.length + (selection ? 1 : 0)} />}
              </tbody>
            </table>
          )}
          {found.isFetchingNextPage && (
            <div className={styles.more} role="status">
              <Spin size="small" /> {t('table.loadingMore')}
            </div>
          )}
        </div>
      )}
    </section>
  );
}

/** Which row the keyboard is at: the same one, however the rows around it change. */
function useActive<Row>(rows: readonly Row[], rowKey: (row: Row) => string): [number, (index: number) => void] {
  const [active, setActive] = useState({ at: -1, key: '' });
  const isAt = (row: Row | undefined) => row !== undefined && rowKey(row) === active.key;
  const found = active.at < 0 || isAt(rows[active.at]) ? active.at : rows.findIndex(isAt);
  // Where the row is gone, its place stays.
  const at = found < 0 ? Math.min(active.at, rows.length - 1) : found;
  const newest = useRef(rows);
  useEffect(() => {
    newest.current = rows;
  });
  const set = useSteady((index: number) => {
    const row = newest.current[index];
    if (row !== undefined) setActive({ at: index, key: rowKey(row) });
  });
  return [at, set];
}

/** One function that does what its newest version does. */
function useSteady<Argument>(action: (argument: Argument) => void): (argument: Argument) => void {
  const newest = useRef(action);
  useEffect(() => {
    newest.current = action;
  });
  return useCallback((argument: Argument) => newest.current(argument), []);
}

function Nothing<Row>({ empty, onClearFilters }: DataTableProps<Row>) {
  const t = useText();
  if (!onClearFilters) return empty;
  return (
    <EmptyState
      title={t('table.noMatch')}
      hint={t('table.noMatchWhy')}
      action={<Button onClick={onClearFilters}>{t('table.clearFilters')}</Button>}
    />
  );
}

/** What stands for the rows that are not drawn. */
function Gap({ height, columns }: { height: number; columns: number }) {
  return (
    <tr aria-hidden="true" style={{ height }}>
      <td colSpan={columns} style={{ padding: 0, border: 0 }} />
    </tr>
  );
}

/** What the table is sorted by, in the address as `sort=-dueDate`. */
function useSort(fallback: Sort): [Sort, (sort: Sort) => void] {
  const [{ sort }, set] = useUrlState({ sort: textOf(fallback) });
  return [{ field: sort.replace(/^-/, ''), order: sort.startsWith('-') ? 'DESC' : 'ASC' }, (next) => set({ sort: textOf(next) })];
}

const textOf = ({ field, order }: Sort) => (order === 'DESC' ? `-${field}` : field);

/** The rows to draw, after every scroll and change of size. */
function useWindow(scroller: React.RefObject<HTMLDivElement | null>, rows: number, rowHeight: number) {
  const [place, setPlace] = useState({ scrolled: 0, height: 800 });
  const isThere = rows > 0;
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const look = () => {
      const scrolled = Math.floor(element.scrollTop / rowHeight) * rowHeight;
      const height = element.clientHeight;
      setPlace((before) => (before.scrolled === scrolled && before.height === height ? before : { scrolled, height }));
    };
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [scroller, isThere, rowHeight]);
  return windowOf(rows, rowHeight, place.scrolled, place.height);
}

const places = new Map<string, number>();

/** Whoever comes back to a list finds it where they left it, as long as its rows are remembered too. */
function useKeptPlace(scroller: React.RefObject<HTMLDivElement | null>, name: string, isThere: boolean): void {
  useEffect(() => {
    const element = scroller.current;
    if (!isThere || !element) return;
    element.scrollTop = places.get(name) ?? 0;
    const keep = () => places.set(name, element.scrollTop);
    element.addEventListener('scroll', keep, { passive: true });
    return () => element.removeEventListener('scroll', keep);
  }, [scroller, name, isThere]);
}

/** What somebody reads stays where it is when rows above it come and go. */
function useSteadyRows<Row>(
  scroller: React.RefObject<HTMLDivElement | null>,
  name: string,
  rows: readonly Row[],
  rowKey: (row: Row) => string,
  rowHeight: number,
): void {
  const before = useRef({ name, rows });
  useLayoutEffect(() => {
    const { name: nameBefore, rows: rowsBefore } = before.current;
    before.current = { name, rows };
    const element = scroller.current;
    if (!element || nameBefore !== name || rowsBefore === rows || element.scrollTop === 0) return;
    const first = Math.floor(element.scrollTop / rowHeight);
    for (let at = first; at < Math.min(first + MOST_SOUGHT, rowsBefore.length); at++) {
      const key = rowKey(rowsBefore[at]!);
      const same = rows[at];
      const found = same !== undefined && rowKey(same) === key ? at : rows.findIndex((row) => rowKey(row) === key);
      if (found < 0) continue;
      if (found !== at) element.scrollTop += (found - at) * rowHeight;
      return;
    }
  }, [scroller, name, rows, rowKey, rowHeight]);
}

/** Scroll so that a row is seen whole, below the header. */
function reveal(element: HTMLElement | null, index: number, rowHeight: number, header: number): void {
  if (!element) return;
  const [top, bottom] = [index * rowHeight, (index + 1) * rowHeight + header];
  if (top < element.scrollTop) element.scrollTop = top;
  else if (bottom > element.scrollTop + element.clientHeight) element.scrollTop = bottom - element.clientHeight;
}

function toggled(keys: ReadonlySet<string>, key: string): Set<string> {
  const changed = new Set(keys);
  if (!changed.delete(key)) changed.add(key);
  return changed;
}

const isControl = ({ target }: KeyboardEvent) => target instanceof HTMLElement && target.closest('a, button') !== null;

function totalText(t: ReturnType<typeof useText>, count: number, isMore: boolean): string {
  return t(isMore ? 'table.totalMore' : 'table.total', { count, total: count.toLocaleString('en-US') });
}
