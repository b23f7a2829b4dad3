/** What is stuck, by its cause: one repair outside often frees many cases at once. */
import { useQuery } from '@tanstack/react-query';
import { Alert, Button, Skeleton } from 'antd';
import { useMemo, useState } from 'react';

import { api, dataOf } from '../../api/client';
import { useMay } from '../../api/me';
import type { IncidentFilter } from '../../api/schema';
import { processName, useDefinitions } from '../../processes/definitions';
import { DateTime } from '../../ui/DateTime';
import { EmptyState } from '../../ui/EmptyState';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { useUrlState } from '../../ui/urlState';
import { CauseCard } from './CauseCard';
import { causesOf, type Cause } from './causes';
import { Choice } from './InstanceFilters';
import filterStyles from './InstanceFilters.module.css';
import { OperateFrame } from './OperateFrame';
import { RetryIncidents } from './RetryIncidents';
import { useText } from './strings';

export const MOST_INCIDENTS = 2000;

export function IncidentsPage() {
  const t = useText();
  const may = useMay();
  const [asked, ask] = useUrlState({ process: '', definition: '', element: '' });
  const { byProcess, byKey } = useDefinitions();
  const found = useIncidents(asked);
  const causes = useMemo(() => causesOf(found.data?.items ?? []), [found.data]);
  const [retried, setRetried] = useState<Cause | null>(null);
  const total = found.data?.page.totalItems ?? 0;
  const isFiltered = asked.process !== '' || asked.definition !== '' || asked.element !== '';
  const definition = byKey.get(asked.definition);
  return (
    <OperateFrame title={t('incidents.title')} badge={found.data && <span className="secondary">{t('incidents.total', { count: total })}</span>}>
      <div className={filterStyles.filters} role="search" aria-label={t('filters.label')}>
        <Choice label={t('instances.process')} value={asked.process} width={200} onChange={(process) => ask({ process, definition: '', element: '' })}>
          {[...byProcess].map(([id, [latest]]) => ({ value: id, label: processName(latest!) }))}
        </Choice>
        {definition && (
          <span style={{ alignSelf: 'center' }}>
            {processName(definition)} v{definition.version}
            {asked.element && ` · ${asked.element}`}
          </span>
        )}
        {isFiltered && (
          <Button type="link" onClick={() => ask({ process: '', definition: '', element: '' })}>
            {t('filters.clear')}
          </Button>
        )}
      </div>
      {found.isError && <ProblemNotice error={found.error} retry={() => void found.refetch()} />}
      {found.isPending && <Skeleton active paragraph={{ rows: 6 }} />}
      {found.data && total > MOST_INCIDENTS && <Alert type="info" showIcon title={t('incidents.capped', { count: MOST_INCIDENTS, total })} />}
      {found.data && causes.length === 0 && (
        <EmptyState
          title={t(isFiltered ? 'incidents.noMatch' : 'incidents.none')}
          hint={t('incidents.noneWhy')}
          action={isFiltered && <Button onClick={() => ask({ process: '', definition: '', element: '' })}>{t('filters.clear')}</Button>}
        />
      )}
      {causes.map((cause) => (
        <CauseCard key={cause.id} cause={cause} onRetry={may('incident:resolve') ? setRetried : undefined} />
      ))}
      {found.data && found.dataUpdatedAt > 0 && causes.length > 0 && (
        <p className="secondary small">
          {t('incidents.asOf')} <DateTime value={new Date(found.dataUpdatedAt).toISOString()} />
        </p>
      )}
      {retried && <RetryIncidents incidents={retried.incidents} onClose={() => setRetried(null)} />}
    </OperateFrame>
  );
}

function useIncidents({ process, definition, element }: { process: string; definition: string; element: string }) {
  const filter = {
    state: 'ACTIVE',
    ...(process && { processDefinitionId: process }),
    ...(definition && { processDefinitionKey: definition }),
    ...(element && { elementId: element }),
  } as IncidentFilter;
  return useQuery({
    queryKey: ['post', '/v2/incidents/search', 'causes', filter],
    queryFn: () =>
      dataOf(
        api.POST('/v2/incidents/search', {
          body: { filter, sort: [{ field: 'creationTime', order: 'DESC' }], page: { limit: MOST_INCIDENTS } },
        }),
      ),
  });
}
