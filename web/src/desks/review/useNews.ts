/**
 * What has changed in a box since it was read, without moving what somebody is reading: tasks that have come are
 * counted until they are asked for, tasks that somebody has taken stay in their place and say so.
 */
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';

import { onLiveEvent, type LiveEvent } from '../../api/live';
import type { UserTask } from '../../api/schema';
import type { Pages } from '../../ui/pages';
import { isIn, type Box } from './boxes';
import { readTasks, type ListedTask } from './tasks';

export type Rows = Pages<ListedTask>;

/** A task as it is now, or that it is gone for this person. */
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
  const isTold = ({ userTaskKey }: ListedTask) => changes.has(userTaskKey);
  return { ...rows, pages: rows.pages.map((page) => (page.items.some(isTold) ? { ...page, items: page.items.map(patch) } : page)) };
}

/** What is to be asked of tasks of which events told: those that the list shows, and those that it may show from now on. */
export function questions(events: ReadonlyMap<string, LiveEvent>, rows: Rows, box: Box, me: string) {
  const known = new Set(rows.pages.flatMap(({ items }) => items.map(({ userTaskKey }) => userTaskKey)));
  const [shown, perhaps, gone] = [[] as string[], [] as string[], [] as string[]];
  for (const [key, event] of events) {
    const isOfBox = isIn(box, event as unknown as UserTask, me);
    if (known.has(key)) shown.push(key);
    else if (isOfBox) perhaps.push(key);
    if (!isOfBox) gone.push(key);
  }
  return { shown, perhaps, gone };
}

/**
 * Those of the tasks that may be shown which have come since the rows were read. Where not all rows are loaded, a
 * task that is only older than the reading may stand further down, so it does not count.
 */
export function arrivals(tasks: Iterable<UserTask>, rows: Rows, readAt: number): string[] {
  const isWhole = rows.pages.at(-1)?.isLast ?? true;
  return [...tasks].filter(({ creationDate }) => isWhole || Date.parse(creationDate) > readAt).map(({ userTaskKey }) => userTaskKey);
}

const GATHER_MS = 300;
/** When much happens, it is told in one go. */
const PAUSE_MS = 2_000;
const MOST_READ = 250;

interface Listing {
  queryKey: readonly unknown[];
  box: Box;
  me: string;
  /** Those of some tasks that the list shows, as it is filtered. */
  shows: (keys: readonly string[]) => Promise<ReadonlyMap<string, UserTask>>;
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
    const waiting = new Map<string, LiveEvent>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lookedAt = -Infinity;
    const look = async () => {
      lookedAt = Date.now();
      const events = new Map([...waiting].slice(0, MOST_READ));
      for (const key of events.keys()) waiting.delete(key);
      const key = JSON.parse(name) as unknown[];
      const query = cache.getQueryCache().findAll({ queryKey: key, type: 'active' })[0];
      const rows = query?.state.data as Rows | undefined;
      if (!query || !rows) return;
      const { shown, perhaps, gone } = questions(events, rows, box, me);
      const [told, listed] = await Promise.all([
        shown.length > 0 ? tellOf(shown) : [],
        perhaps.length > 0 ? showsNow.current(perhaps) : new Map<string, UserTask>(),
      ]);
      const updatedAt = query.state.dataUpdatedAt;
      if (told.length > 0) cache.setQueryData<Rows>(query.queryKey, (data) => data && patched(data, told), { updatedAt });
      const come = arrivals(listed.values(), rows, updatedAt);
      if (come.length > 0 && rows.pages.every(({ items }) => items.length === 0)) {
        // Nothing is being read that could be moved.
        void cache.resetQueries({ queryKey: key });
        return;
      }
      setArrived((known) => (come.length + gone.length === 0 ? known : new Set([...known, ...come].filter((each) => !gone.includes(each)))));
    };
    const lookSoon = () => {
      timer ??= setTimeout(
        () =>
          void look()
            .catch(() => undefined)
            .finally(() => {
              timer = undefined;
              if (waiting.size > 0) lookSoon();
            }),
        Math.max(GATHER_MS, lookedAt + PAUSE_MS - Date.now()),
      );
    };
    const stop = onLiveEvent((event) => {
      if (event.topic !== 'user-task' || typeof event.userTaskKey !== 'string') return;
      // The newest says where the task is now.
      waiting.set(event.userTaskKey, event);
      lookSoon();
    });
    return () => {
      stop();
      waiting.clear();
      clearTimeout(timer);
    };
  }, [cache, name, box, me]);
  return { count: arrived.size, show };
}

async function tellOf(keys: readonly string[]): Promise<Told[]> {
  const tasks = await readTasks(keys);
  return keys.map((key) => ({ key, task: tasks.get(key) ?? null }));
}
