// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import type { LiveEvent } from '../../api/live';
import type { UserTask } from '../../api/schema';
import { arrivals, patched, questions, useNews, type Rows } from './useNews';
import type { ListedTask } from './tasks';

const told = vi.hoisted(() => ({ tell: (_event: unknown) => undefined as void, read: [] as string[][] }));
vi.mock('../../api/live', () => ({
  onLiveEvent: (listener: (event: unknown) => void) => {
    told.tell = listener;
    return () => undefined;
  },
}));
vi.mock('./tasks', () => ({
  readTasks: (keys: string[]) => {
    told.read.push(keys);
    return Promise.resolve(new Map(keys.map((key) => [key, task(key, { assignee: 'li.na' })])));
  },
}));

const EARLIER = '2026-11-22T01:00:00Z';
const LATER = '2099-01-01T00:00:00Z';
const task = (userTaskKey: string, changes: Partial<ListedTask> = {}) =>
  ({ userTaskKey, state: 'CREATED', assignee: null, creationDate: LATER, facts: {}, ...changes }) as ListedTask;
const event = (userTaskKey: string, changes: object = {}) =>
  ({ topic: 'user-task', event: 'created', userTaskKey, state: 'CREATED', assignee: null, ...changes }) as LiveEvent;
const rowsOf = (keys: string[], isLast = false): Rows => ({
  pages: [{ items: keys.map((key) => task(key)), page: { totalItems: keys.length, hasMoreTotalItems: !isLast }, isLast }],
  pageParams: [null],
});

describe('what events tell of', () => {
  it('is asked for where the list shows it or may show it, and nowhere else', () => {
    const events = new Map(
      [event('1', { assignee: 'li.na' }), event('8'), event('9', { state: 'COMPLETED' })].map((each) => [each.userTaskKey as string, each]),
    );
    expect(questions(events, rowsOf(['1', '2']), 'claimable', 'zhang.wei')).toEqual({ shown: ['1'], perhaps: ['8'], gone: ['1', '9'] });
  });

  it('is an arrival when it is new, or when all that there was is loaded', () => {
    const tasks = [task('8', { creationDate: EARLIER }), task('9')] as UserTask[];
    const readAt = Date.parse('2026-11-22T02:00:00Z');
    expect(arrivals(tasks, rowsOf(['1']), readAt)).toEqual(['9']);
    expect(arrivals(tasks, rowsOf(['1'], true), readAt)).toEqual(['8', '9']);
  });

  it('changes its own row and leaves the pages of others as they are', () => {
    const rows = { pages: [...rowsOf(['1', '2']).pages, ...rowsOf(['3']).pages], pageParams: [null, 'a'] };
    const now = patched(rows, [{ key: '3', task: null }]);
    expect(now.pages[0]).toBe(rows.pages[0]);
    expect(now.pages[1]!.items[0]!.state).toBe('CANCELED');
  });
});

describe('a list while events come', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    told.read = [];
  });
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
  });

  const show = (rows: Rows) => {
    const cache = new QueryClient();
    const queryKey = ['review', 'rows', 'claimable', {}];
    cache.getQueryCache().build(cache, { queryKey: [...queryKey, {}] });
    cache.setQueryData([...queryKey, {}], rows);
    vi.spyOn(cache.getQueryCache(), 'findAll').mockReturnValue([cache.getQueryCache().find({ queryKey: [...queryKey, {}] })!]);
    const asked: string[][] = [];
    const shows = (keys: readonly string[]) => {
      asked.push([...keys]);
      return Promise.resolve(new Map(keys.map((key) => [key, task(key)])));
    };
    const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={cache}>{children}</QueryClientProvider>;
    const { result } = renderHook(() => useNews({ queryKey, box: 'claimable', me: 'zhang.wei', shows }), { wrapper });
    return { result, asked, rows: () => cache.getQueryData<Rows>([...queryKey, {}])! };
  };
  const pass = (milliseconds: number) => act(() => vi.advanceTimersByTimeAsync(milliseconds));

  it('asks a few times for 500 tasks that come at once', async () => {
    const { result, asked } = show(rowsOf(['1']));
    for (let n = 0; n < 500; n++) told.tell(event(`n${n}`));
    await pass(20_000);
    expect(result.current.count).toBe(500);
    expect(asked).toHaveLength(2);
    expect(told.read).toEqual([]);
  });

  it('asks in steps while they keep coming', async () => {
    const { asked } = show(rowsOf(['1']));
    for (let n = 0; n < 100; n++) {
      told.tell(event(`n${n}`));
      await pass(100);
    }
    expect(asked.length).toBeLessThanOrEqual(6);
  });

  it('reads the one row that an event tells of', async () => {
    const { rows, asked } = show(rowsOf(['1', '2', '3']));
    told.tell(event('2', { assignee: 'li.na' }));
    await pass(1_000);
    expect(told.read).toEqual([['2']]);
    expect(asked).toEqual([]);
    expect(rows().pages[0]!.items.map(({ assignee }) => assignee)).toEqual([null, 'li.na', null]);
  });

  it('asks nothing about tasks that are not in the box', async () => {
    const { asked, result } = show(rowsOf(['1']));
    told.tell(event('7', { state: 'COMPLETED' }));
    await pass(1_000);
    expect([asked, told.read, result.current.count]).toEqual([[], [], 0]);
  });
});
