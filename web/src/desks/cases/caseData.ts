/** What the page of a case asks the server. */
import { useQuery } from '@tanstack/react-query';

import { api, dataOf } from '../../api/client';
import type { FoundVariable } from '../../api/schema';
import { everyRow, WHOLE } from './everyRow';

export const MOST = 1000;
const page = { limit: MOST };

export function useInstance(key: string) {
  return useQuery({
    queryKey: ['get', '/v2/process-instances/{key}', key],
    queryFn: () => dataOf(api.GET('/v2/process-instances/{key}', { params: { path: { key } } })),
  });
}

/** The whole case of an instance: where it began, what it called, and what happened in all of it. */
export function useCase(key: string) {
  return useQuery({
    queryKey: ['get', '/v2/process-instances/{key}/case', key],
    queryFn: () => dataOf(api.GET('/v2/process-instances/{key}/case', { params: { path: { key } } })),
  });
}

/** How often each element was passed, and where tokens and incidents are. */
export function useCounts(key: string) {
  return useQuery({
    queryKey: ['get', '/v2/process-instances/{key}/statistics/element-instances', key],
    queryFn: () => dataOf(api.GET('/v2/process-instances/{key}/statistics/element-instances', { params: { path: { key } } })),
  });
}

/** Every decision that an instance took, those that others required among them. */
export function useDecisions(key: string, enabled = true) {
  return useQuery({
    queryKey: ['post', '/v2/decision-instances/search', 'case', key],
    queryFn: () =>
      dataOf(
        api.POST('/v2/decision-instances/search', {
          body: { filter: { processInstanceKey: key }, sort: [{ field: 'evaluationDate', order: 'DESC' }], page },
        }),
      ),
    enabled,
  });
}

export function useVariables(key: string, enabled = true) {
  return useQuery({
    queryKey: ['post', '/v2/variables/search', 'case', key],
    queryFn: () =>
      dataOf(api.POST('/v2/variables/search', { body: { filter: { processInstanceKey: key }, sort: [{ field: 'name', order: 'ASC' }], page } })),
    enabled,
  });
}

/** Every change of an instance's variables: old and new value, when, by whom, why. */
export function useVariableHistory(key: string) {
  return useQuery({
    queryKey: ['get', '/v2/variables/history', key],
    queryFn: () => dataOf(api.GET('/v2/process-instances/{key}/variable-history', { params: { path: { key } } })),
  });
}

/** Every variable in full, however many and however long they are. */
export function useWholeVariables(key: string, enabled: boolean) {
  return useQuery({
    queryKey: ['post', '/v2/variables/search', 'whole', key],
    queryFn: () =>
      everyRow<FoundVariable>((page) =>
        dataOf(api.POST('/v2/variables/search', { params: WHOLE, body: { filter: { processInstanceKey: key }, sort: [{ field: 'name', order: 'ASC' }], page } } as never)),
      ),
    enabled,
  });
}

/** Every decision of an instance, in the order in which they were taken. */
export function useWholeDecisions(key: string, enabled: boolean) {
  return useQuery({
    queryKey: ['post', '/v2/decision-instances/search', 'whole', key],
    queryFn: () =>
      everyRow((page) =>
        dataOf(api.POST('/v2/decision-instances/search', { body: { filter: { processInstanceKey: key }, sort: [{ field: 'evaluationDate', order: 'ASC' }], page } })),
      ),
    enabled,
  });
}
