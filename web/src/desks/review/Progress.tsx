/** Where the case is on the diagram of its process: the way it took, where it stands, incidents; also as a table. */
import { useQuery } from '@tanstack/react-query';
import { Skeleton } from 'antd';
import { Suspense } from 'react';

import { api, dataOf, query } from '../../api/client';
import type { ElementCount, UserTask } from '../../api/schema';
import type { ElementMark } from '../../ui/Diagram';
import { useNarrow } from '../../ui/media';
import { Diagram } from '../../ui/lazyDiagram';
import { ProblemNotice } from '../../ui/ProblemNotice';

/** How each element stands: with an incident, active, or passed. */
export function marksOf(counts: readonly ElementCount[]): Record<string, ElementMark> {
  return Object.fromEntries(
    counts.map(({ elementId, active, incidents }) => [
      elementId,
      { state: incidents > 0 ? 'incident' : active > 0 ? 'active' : 'passed', ...(incidents > 0 && { incidents }) } satisfies ElementMark,
    ]),
  );
}

export function Progress({ task }: { task: UserTask }) {
  const narrow = useNarrow();
  const params = { path: { key: task.processInstanceKey } };
  const xml = useQuery({
    queryKey: ['review', 'bpmn', task.processDefinitionKey],
    queryFn: async () =>
      (await dataOf(api.GET('/v2/process-definitions/{key}/xml', { params: { path: { key: task.processDefinitionKey } }, parseAs: 'text' }))) as string,
    staleTime: Infinity,
  });
  const counts = query.useQuery('get', '/v2/process-instances/{key}/statistics/element-instances', { params });
  const flows = query.useQuery('get', '/v2/process-instances/{key}/sequence-flows', { params });
  const failed = [xml, counts, flows].find(({ isError }) => isError);
  if (failed) return <ProblemNotice error={failed.error} retry={() => void Promise.all([xml.refetch(), counts.refetch(), flows.refetch()])} />;
  if (!xml.data || !counts.data || !flows.data) return <Skeleton active />;
  return (
    <Suspense fallback={<Skeleton active />}>
      <Diagram
        xml={xml.data}
        name={task.processName ?? task.processDefinitionId}
        marks={marksOf(counts.data.items)}
        flows={flows.data.items.map(({ elementId }) => elementId)}
        selected={task.elementId}
        height={narrow ? 420 : 'max(420px, calc(100dvh - 380px))'}
      />
    </Suspense>
  );
}
