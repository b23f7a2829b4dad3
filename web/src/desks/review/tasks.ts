/** Tasks as the desk reads and changes them, over the public API. */
import { queryOptions, useQuery } from '@tanstack/react-query';

import { api, dataOf, query } from '../../api/client';
import type { UserTask, UserTaskFilter, UserTaskSearch } from '../../api/schema';
import type { SearchPage, SearchRequest } from '../../ui/useRows';
import { BOXES, filterOfBox, type Box } from './boxes';
import { FACT_NAMES, factsOf, valueOf, type Facts } from './facts';

/** A task in a list, with what its case is about. */
export interface ListedTask extends UserTask {
  facts: Facts;
}

/** A page of tasks, each with the facts of its case. */
export async function searchTasks(filter: UserTaskFilter, request: SearchRequest): Promise<SearchPage<ListedTask>> {
  const body = { filter, ...request } as UserTaskSearch;
  const { items, page } = await dataOf(api.POST('/v2/user-tasks/search', { body }));
  const facts = await factsByInstance([...new Set(items.map(({ processInstanceKey }) => processInstanceKey))]);
  return { items: items.map((task) => ({ ...task, facts: facts.get(task.processInstanceKey) ?? {} })), page };
}

/** What each of some instances is about. */
export async function factsByInstance(keys: string[]): Promise<Map<string, Facts>> {
  if (keys.length === 0) return new Map();
  const found = await dataOf(
    api.POST('/v2/variables/search', {
      body: {
        filter: { processInstanceKey: { $in: keys }, scopeKey: { $in: keys }, name: { $in: FACT_NAMES } },
        page: { limit: keys.length * FACT_NAMES.length },
      },
    }),
  );
  const variables = new Map<string, Record<string, unknown>>();
  for (const { processInstanceKey, name, value, isTruncated } of found.items) {
    if (isTruncated) continue;
    variables.set(processInstanceKey, { ...variables.get(processInstanceKey), [name]: valueOf(value) });
  }
  return new Map([...variables].map(([key, named]) => [key, factsOf(named)]));
}

export async function readTask(key: string): Promise<UserTask> {
  return dataOf(api.GET('/v2/user-tasks/{key}', { params: { path: { key } } }));
}

/** A task by its key; followed live, because its key says what it is. */
export const useTask = (key: string) => query.useQuery('get', '/v2/user-tasks/{key}', { params: { path: { key } } });

/** How many tasks are in each box; `isMore` where the server has stopped counting. */
export interface Count {
  total: number;
  isMore: boolean;
}

export const countsQuery = (me: string) =>
  queryOptions({
    queryKey: ['post', '/v2/user-tasks/search', 'counts', me],
    queryFn: async () => Object.fromEntries(await Promise.all(BOXES.map(async (box) => [box, await count(filterOfBox(box, me))]))) as Record<Box, Count>,
  });

export const useCounts = (me: string) => useQuery(countsQuery(me)).data;

async function count(filter: UserTaskFilter): Promise<Count> {
  const { page } = await dataOf(api.POST('/v2/user-tasks/search', { body: { filter, page: { limit: 0 } } }));
  return { total: page.totalItems, isMore: page.hasMoreTotalItems };
}

/** Take a task for oneself. */
export const claim = (key: string) => api.POST('/v2/user-tasks/{key}/assignment', { params: { path: { key } }, body: {} });

/** Put it back for all its candidates. */
export const release = (key: string) => api.DELETE('/v2/user-tasks/{key}/assignee', { params: { path: { key } } });

/** The first task that waits, other than `except`: of one's own, else of those that nobody has taken. */
export async function nextTask(me: string, except: string): Promise<UserTask | null> {
  for (const box of ['todo', 'claimable'] as const) {
    const body: UserTaskSearch = { filter: filterOfBox(box, me), sort: [{ field: 'dueDate', order: 'ASC' }], page: { limit: 2 } };
    const { items } = await dataOf(api.POST('/v2/user-tasks/search', { body }));
    const next = items.find(({ userTaskKey }) => userTaskKey !== except);
    if (next) return next;
  }
  return null;
}
