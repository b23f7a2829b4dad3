/** The deployed versions of processes, by key, and what they are called. */
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { api, dataOf } from '../api/client';
import type { ProcessDefinition } from '../api/schema';

const MOST = 1000;

export const definitionsQuery = {
  queryKey: ['post', '/v2/process-definitions/search', 'all'],
  queryFn: () =>
    dataOf(
      api.POST('/v2/process-definitions/search', {
        body: { sort: [{ field: 'processDefinitionKey', order: 'DESC' }], page: { limit: MOST } },
      }),
    ),
  staleTime: 60_000,
};

export interface Definitions {
  all: readonly ProcessDefinition[];
  /** The versions of each process, latest first, by its id. */
  byProcess: ReadonlyMap<string, readonly ProcessDefinition[]>;
  byKey: ReadonlyMap<string, ProcessDefinition>;
}

/** Versions by process and by key. */
export function sortedDefinitions(all: readonly ProcessDefinition[]): Definitions {
  const byProcess = new Map<string, ProcessDefinition[]>();
  for (const definition of [...all].sort((one, other) => other.version - one.version)) {
    byProcess.set(definition.processDefinitionId, [...(byProcess.get(definition.processDefinitionId) ?? []), definition]);
  }
  return { all, byProcess, byKey: new Map(all.map((definition) => [definition.processDefinitionKey, definition])) };
}

export function useDefinitions() {
  const found = useQuery(definitionsQuery);
  const definitions = useMemo(() => sortedDefinitions(found.data?.items ?? []), [found.data]);
  return { ...definitions, found };
}

/** A process as people call it. */
export const processName = (definition: { name: string | null; processDefinitionId: string }) =>
  definition.name || definition.processDefinitionId;
