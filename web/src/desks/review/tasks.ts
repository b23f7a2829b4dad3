/** Tasks as the desk reads and changes them, over the public API. */
import { api, dataOf, query } from '../../api/client';
import type { FoundUserTask, UserTask, UserTaskSearch } from '../../api/schema';
import type { SearchPage, SearchRequest } from '../../ui/useRows';
import { API_BOX } from './boxes';
import { FACT_NAMES, factsOf, type Facts } from './facts';

/** A task in a list, with what its case is about. */
export interface ListedTask extends Omit<FoundUserTask, 'variables'> {
  facts: Facts;
}

/** A page of tasks, each with the facts of its case. */
export async function searchTasks(search: UserTaskSearch, request: SearchRequest): Promise<SearchPage<ListedTask>> {
  const body = { ...search, ...request, variableNames: FACT_NAMES } as UserTaskSearch;
  const { items, page } = await dataOf(api.POST('/v2/user-tasks/search', { body }));
  return { items: items.map((task) => ({ ...task, facts: factsOf(task.variables ?? {}) })), page };
}

/** Those of some tasks that somebody may see (and that a search finds), by their keys. */
export async function readTasks(keys: readonly string[], search: UserTaskSearch = {}): Promise<Map<string, UserTask>> {
  const filter = { ...search.filter, userTaskKey: { $in: [...keys] } };
  const body: UserTaskSearch = { ...search, filter, page: { limit: keys.length } };
  const { items } = await dataOf(api.POST('/v2/user-tasks/search', { body }));
  return new Map(items.map((task) => [task.userTaskKey, task]));
}

/** A task by its key; followed live, because its key says what it is. */
export const useTask = (key: string) => query.useQuery('get', '/v2/user-tasks/{key}', { params: { path: { key } } });

/** How many tasks are in each of one's boxes; followed live. */
export const useCounts = () => query.useQuery('get', '/v2/user-tasks/counts').data;

/** Take a task for oneself. */
export const claim = (key: string) => api.POST('/v2/user-tasks/{key}/assignment', { params: { path: { key } }, body: {} });

/** Put it back for all its candidates. */
export const release = (key: string) => api.DELETE('/v2/user-tasks/{key}/assignee', { params: { path: { key } } });

/** The first task that waits, other than `except`: of one's own, else of those that nobody has taken. */
export async function nextTask(except: string): Promise<UserTask | null> {
  for (const box of [API_BOX.todo, API_BOX.claimable]) {
    const body: UserTaskSearch = { box, sort: [{ field: 'dueDate', order: 'ASC' }], page: { limit: 2 } };
    const { items } = await dataOf(api.POST('/v2/user-tasks/search', { body }));
    const next = items.find(({ userTaskKey }) => userTaskKey !== except);
    if (next) return next;
  }
  return null;
}
