/**
 * What has changed in a box since it was read, without moving what somebody is reading: tasks that have come are
 * counted until they are asked for, tasks that somebody has taken stay in their place and say so.
 */
import { useQueryClient, type InfiniteData } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';

import { onLiveEvent } from '../../api/live';
import type { UserTask } from '../../api/schema';
import type { SearchPage } from '../../ui/useRows';
import { isIn, type Box } from './boxes';
import { readTasks, type ListedTask } from './tasks';

type Rows = InfiniteData<SearchPage<ListedTask>, string | null>;

/** What the box's page was told of: a task as it is now, or that it is gone for this person. */
export interface Told {
  key: string;
  task: UserTask | null;
}

/** Rows in which tasks that have changed are as they are now, in their old places. */
export function patched(rows: Rows, told: readonly Told[]): Rows {
  const changes = new Map(told.map(({ key, task }) => [key, task]));
  const patch = (row: ListedTask): ListedTask => {
    const task = changes.get(row.userTaskKey);
    if (task === undefined) return row;
    return task === null ? { ...row, state: 'CANCELED' } : { ...task, facts: row.facts };
  };
  return { ...rows, pages: rows.pages.map((page) => ({ ...page, items: page.items.map(patch) })) };
}

/**
 * The tasks that have come since the rows were read. Where not all rows are loaded, a task that is only older than
 * the reading may stand further down, so it does not count.
 */
export function arrivals(told: readonly Told[], rows: Rows, box: Box, me: string, readAt: number): string[] {
  const last = rows.pages.at(-1);
  const isWhole = !last || last.page.totalItems <= rows.pages.reduce((sum, { items }) => sum + items.length, 0);
  const known = new Set(rows.pages.flatMap(({ items }) => items.map(({ userTaskKey }) => userTaskKey)));
  return told
    .filter(({ key, task }) => !known.has(key) && task !== null && isIn(box, task, me))
    .filter(({ task }) => isWhole || Date.parse(task!.creationDate) > readAt)
    .map(({ key }) => key);
}

const GATHER_MS = 300;
const MOST_READ = 100;

interface Listing {
  queryKey: readonly unknown[];
  box: Box;
  me: string;
  /** Which of some tasks the list shows, as it is filtered. */
  shows: (keys: readonly string[]) => Promise<ReadonlySet<string>>;
}

/** How many tasks have come, and how to show them. */
export function useNews({ queryKey, box, me, shows }: Listing): { count: number; show: () => void } {
  const cache = useQueryClient();
  const [arrived, setArrived] = useState<ReadonlySet<string>>(new Set());
  const name = JSON.stringify(queryKey);
  const showsNow = useRef(shows);
  useEffect(() => {
    showsNow.current = shows;
  });
  const show = useCallback(() => {
    setArrived(new Set());
    void cache.resetQueries({ queryKey: JSON.parse(name) as unknown[] });
  }, [cache, name]);

  useEffect(() => {
    setArrived(new Set());
    const waiting = new Set<string>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const look = async () => {
      timer = undefined;
      const keys = [...waiting].slice(0, MOST_READ);
      for (const key of keys) waiting.delete(key);
      if (waiting.size > 0) lookSoon();
      const told = await tellOf(keys);
      const key = JSON.parse(name) as unknown[];
      const query = cache.getQueryCache().findAll({ queryKey: key, type: 'active' })[0];
      const rows = query?.state.data as Rows | undefined;
      if (!query || !rows) return;
      cache.setQueryData<Rows>(query.queryKey, (data) => data && patched(data, told), { updatedAt: query.state.dataUpdatedAt });
      const candidates = arrivals(told, rows, box, me, query.state.dataUpdatedAt);
      const shown = candidates.length > 0 ? await showsNow.current(candidates) : new Set<string>();
      const come = candidates.filter((each) => shown.has(each));
      if (come.length > 0 && rows.pages.every(({ items }) => items.length === 0)) {
        // Nothing is being read that could be moved.
        void cache.resetQueries({ queryKey: key });
        return;
      }
      const left = told.filter(({ task }) => task === null || !isIn(box, task, me)).map(({ key }) => key);
      setArrived((known) => new Set([...known, ...come].filter((each) => !left.includes(each))));
    };
    const lookSoon = () => {
      timer ??= setTimeout(() => void look().catch(() => undefined), GATHER_MS);
    };
    const stop = onLiveEvent(({ topic, userTaskKey }) => {
      if (topic !== 'user-task' || typeof userTaskKey !== 'string') return;
      waiting.add(userTaskKey);
      lookSoon();
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [cache, name, box, me]);
  return { count: arrived.size, show };
}

async function tellOf(keys: readonly string[]): Promise<Told[]> {
  const tasks = await readTasks(keys);
  return keys.map((key) => ({ key, task: tasks.get(key) ?? null }));
}
