/** All cases that somebody may read: found by application number, state, process or applicant. */
import { useMemo } from 'react';

import { api, dataOf } from '../../api/client';
import type { ProcessInstance } from '../../api/schema';
import { processName, useDefinitions } from '../../processes/definitions';
import { InstanceState, useStateWord } from '../../processes/States';
import { caseAddress } from '../../shell/addresses';
import { DataTable, type Column } from '../../ui/DataTable';
import { DateTime } from '../../ui/DateTime';
import { Duration } from '../../ui/Duration';
import { EmptyState } from '../../ui/EmptyState';
import { PageFrame } from '../../ui/PageFrame';
import { Person } from '../../ui/Person';
import { useUrlState } from '../../ui/urlState';
import { Choice, TextFilter } from '../operate/InstanceFilters';
import filterStyles from '../operate/InstanceFilters.module.css';
import { casesFilter, NO_QUESTION } from './casesFilter';
import { useText } from './strings';

const STATES = ['ACTIVE', 'INCIDENT', 'SUSPENDED', 'COMPLETED', 'TERMINATED'] as const;

export function CasesPage() {
  const t = useText();
  const word = useStateWord();
  const { byProcess } = useDefinitions();
  const [asked, ask] = useUrlState(NO_QUESTION);
  const filter = useMemo(() => casesFilter(asked), [asked]);
  const isFiltered = Object.values(asked).some((value) => value !== '');
  const columns = useColumns();
  return (
    <PageFrame fill title={t('title')}>
      <div className={filterStyles.filters} role="search" aria-label={t('cases.filters')}>
        <TextFilter label={t('cases.businessId')} value={asked.businessId} onChange={(businessId) => ask({ businessId })} />
        <TextFilter label={t('case.applicant')} value={asked.applicant} onChange={(applicant) => ask({ applicant })} />
        <Choice label={t('state')} value={asked.state} onChange={(state) => ask({ state })}>
          {STATES.map((state) => ({ value: state, label: word(state) }))}
        </Choice>
        <Choice label={t('case.process')} value={asked.process} width={200} onChange={(process) => ask({ process })}>
          {[...byProcess].map(([id, [latest]]) => ({ value: id, label: processName(latest!) }))}
        </Choice>
      </div>
      <DataTable<ProcessInstance>
        id="cases"
        label={t('title')}
        columns={columns}
        rowKey={({ processInstanceKey }) => processInstanceKey}
        queryKey={['post', '/v2/process-instances/search', 'cases', filter]}
        search={(request) => dataOf(api.POST('/v2/process-instances/search', { body: { filter, ...request } as never }))}
        defaultSort={{ field: 'startDate', order: 'DESC' }}
        to={({ processInstanceKey }) => caseAddress(processInstanceKey)}
        empty={<EmptyState title={t('cases.none')} hint={t('cases.noneWhy')} />}
        onClearFilters={isFiltered ? () => ask(NO_QUESTION) : undefined}
        card={(row) => (
          <a href={caseAddress(row.processInstanceKey)} style={{ display: 'block', padding: 12, color: 'inherit', textDecoration: 'none' }}>
            <strong>{row.businessId ?? row.processInstanceKey}</strong> <InstanceState instance={row} />
            <div className="secondary">
              {row.processDefinitionName ?? row.processDefinitionId} · <DateTime value={row.startDate} />
            </div>
          </a>
        )}
        cardHeight={72}
      />
    </PageFrame>
  );
}

function useColumns(): Column<ProcessInstance>[] {
  const t = useText();
  return useMemo(
    () => [
      {
        key: 'businessId',
        title: t('cases.businessId'),
        width: 170,
        sort: 'businessId',
        render: ({ businessId, processInstanceKey }) => businessId ?? processInstanceKey,
      },
      {
        key: 'process',
        title: t('case.process'),
        width: 200,
        sort: 'processDefinitionName',
        render: (row) => `${row.processDefinitionName || row.processDefinitionId} v${row.processDefinitionVersion}`,
      },
      { key: 'state', title: t('state'), width: 120, sort: 'state', render: (row) => <InstanceState instance={row} /> },
      { key: 'start', title: t('case.start'), width: 130, sort: 'startDate', render: ({ startDate }) => <DateTime value={startDate} /> },
      { key: 'end', title: t('case.end'), width: 130, sort: 'endDate', render: ({ endDate }) => <DateTime value={endDate} /> },
      { key: 'duration', title: t('case.duration'), width: 130, render: ({ startDate, endDate }) => <Duration from={startDate} to={endDate} /> },
      { key: 'by', title: t('case.by'), width: 120, render: ({ startedBy }) => <Person username={startedBy} /> },
    ],
    [t],
  );
}
