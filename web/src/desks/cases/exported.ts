/** All of a case as one JSON document, for those who take it elsewhere: each of its instances. Every list is complete. */
import type { QueryClient } from '@tanstack/react-query';

import { api, dataOf } from '../../api/client';
import { asProblem } from '../../api/problem';
import type { ProcessInstance } from '../../api/schema';
import { namesOf } from '../../ui/names';
import { everyRow, WHOLE } from './everyRow';

/**
 * A case, from the instance that began it to the last that was called, as far as whoever asks may see it; `people`
 * tells what those are called whom it knows by their user names.
 */
export async function exportOf(cache: QueryClient, instance: ProcessInstance, may: (permission: string) => boolean): Promise<Record<string, unknown>> {
  const { instances } = await dataOf(
    api.GET('/v2/process-instances/{key}/case', { params: { path: { key: instance.processInstanceKey } } }),
  );
  const processInstances = [];
  for (const each of instances) processInstances.push(await partsOf(each, may));
  const usernames = usernamesIn(processInstances);
  return { exportedAt: new Date().toISOString(), businessId: instance.businessId, people: await namesOf(cache, usernames), processInstances };
}

const NAMING = new Set(['startedBy', 'suspendedBy', 'assignee', 'completedBy', 'candidateUsers', 'actor', 'actorId', 'author']);

/** The user names of all who have to do with what is told, each once. */
export function usernamesIn(told: unknown): string[] {
  const found = new Set<string>();
  const look = (value: unknown, isNaming: boolean) => {
    if (typeof value === 'string') {
      if (isNaming) found.add(value);
    } else if (Array.isArray(value)) {
      for (const each of value) look(each, isNaming);
    } else if (value !== null && typeof value === 'object') {
      for (const [name, each] of Object.entries(value)) look(each, NAMING.has(name));
    }
  };
  look(told, false);
  return [...found].filter((username) => username !== '').sort();
}

/** What an instance consists of. */
async function partsOf(instance: ProcessInstance, may: (permission: string) => boolean): Promise<Record<string, unknown>> {
  const filter = { processInstanceKey: instance.processInstanceKey };
  const path = { path: { key: instance.processInstanceKey } };
  const parts: readonly [string, string, () => Promise<unknown[]>][] = [
    ['elementInstances', 'element-instance:read', () => everyRow((page) => dataOf(api.POST('/v2/element-instances/search', { body: { filter, page } })))],
    ['userTasks', 'user-task:read', () => everyRow((page) => dataOf(api.POST('/v2/user-tasks/search', { body: { filter, page } })))],
    ['variables', 'variable:read', () => everyRow((page) => dataOf(api.POST('/v2/variables/search', { params: WHOLE, body: { filter, page } } as never)))],
    ['variableHistory', 'variable:read', () => historyOf(instance.processInstanceKey)],
    [
      'decisionInstances',
      'decision-instance:read',
      () => everyRow((page) => dataOf(api.POST('/v2/decision-instances/search', { body: { filter, page } }))),
    ],
    ['incidents', 'incident:read', () => everyRow((page) => dataOf(api.POST('/v2/incidents/search', { body: { filter, page } })))],
    ['timers', 'timer:read', () => everyRow((page) => dataOf(api.POST('/v2/timers/search', { body: { filter, page } })))],
    [
      'messageSubscriptions',
      'message:read',
      () => everyRow((page) => dataOf(api.POST('/v2/message-subscriptions/search', { body: { filter, page } }))),
    ],
    ['jobs', 'job:read', () => everyRow((page) => dataOf(api.POST('/v2/jobs/search', { body: { filter, page } })))],
    [
      'operationRecords',
      'batch-operation:read',
      () => everyRow((page) => dataOf(api.POST('/v2/operation-records/search', { body: { filter: { subjectKey: instance.processInstanceKey }, page } }))),
    ],
    [
      'comments',
      'comment:read',
      () => everyRow((page) => dataOf(api.POST('/v2/process-instances/{key}/comments/search', { params: path, body: { page } }))),
    ],
  ];
  const document: Record<string, unknown> = { processInstance: instance };
  for (const [name, permission, rows] of parts) if (may(permission)) document[name] = await rows();
  return document;
}

/** The changes of an instance's variables; none where somebody may see the instance but not its variables. */
async function historyOf(key: string): Promise<unknown[]> {
  try {
    return (await dataOf(api.GET('/v2/process-instances/{key}/variable-history', { params: { path: { key } } }))).items;
  } catch (error) {
    if (asProblem(error).status === 404) return [];
    throw error;
  }
}

/** Give a text to the browser as a file. */
export function download(name: string, text: string, type: string): void {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 1000);
}
