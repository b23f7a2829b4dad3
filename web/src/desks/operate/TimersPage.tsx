/** The timers that wait: when they are due, which are late. */
import { useMemo } from 'react';

import { api, dataOf } from '../../api/client';
import type { Timer, TimerPage } from '../../api/schema';
import { processName, useDefinitions } from '../../processes/definitions';
import { useSpoken } from '../../processes/spoken';
import { StateTag } from '../../processes/States';
import { caseAddress } from '../../shell/addresses';
import { DataTable, type Column } from '../../ui/DataTable';
import { DateTime } from '../../ui/DateTime';
import { EmptyState } from '../../ui/EmptyState';
import { useUrlState } from '../../ui/urlState';
import { withBusinessIds } from './businessIds';
import { ElementLabel } from './ElementLabel';
import { Choice, TextFilter } from './InstanceFilters';
import filterStyles from './InstanceFilters.module.css';
import { OperateFrame } from './OperateFrame';
import { useText } from './strings';

type Row = Timer & { businessId: string | null };

const NOTHING = { due: '', process: '', businessId: '' };

export function TimersPage() {
  const t = useText();
  const [asked, ask] = useUrlState(NOTHING);
  const { byProcess } = useDefinitions();
  const filter = useMemo(
    () => ({
      ...(asked.due === 'late' && { isOverdue: true }),
      ...(asked.due === 'suspended' && { suspended: true }),
      ...(asked.due === 'start' && { isStartEvent: true }),
      ...(asked.process && { processDefinitionId: asked.process }),
      ...(asked.businessId && { businessId: { $like: `*${asked.businessId}*` } }),
    }),
    [asked],
  );
  const columns = useColumns();
  return (
    <OperateFrame fill title={t('timers.title')}>
      <div className={filterStyles.filters} role="search" aria-label={t('filters.label')}>
        <Choice label={t('timers.which')} value={asked.due} onChange={(due) => ask({ due })}>
          {[
            { value: 'late', label: t('timers.late') },
            { value: 'suspended', label: t('timers.suspended') },
            { value: 'start', label: t('timers.start') },
          ]}
        </Choice>
        <Choice label={t('instances.process')} value={asked.process} width={200} onChange={(process) => ask({ process })}>
          {[...byProcess].map(([id, [latest]]) => ({ value: id, label: processName(latest!) }))}
        </Choice>
        <TextFilter label={t('instances.businessId')} value={asked.businessId} onChange={(businessId) => ask({ businessId })} />
      </div>
      <DataTable<Row>
        id="operate.timers"
        label={t('timers.title')}
        columns={columns}
        rowKey={({ elementInstanceKey }) => elementInstanceKey}
        queryKey={['post', '/v2/timers/search', filter]}
        search={async (request) => withBusinessIds<Timer, TimerPage>(await dataOf(api.POST('/v2/timers/search', { body: { filter, ...request } as never })))}
        defaultSort={{ field: 'dueDate', order: 'ASC' }}
        to={({ processInstanceKey, processDefinitionKey, elementId }) =>
          processInstanceKey
            ? `${caseAddress(processInstanceKey)}?tab=waits&element=${encodeURIComponent(elementId)}`
            : `/operate?definition=${processDefinitionKey}&element=${encodeURIComponent(elementId)}`
        }
        empty={<EmptyState title={t('timers.none')} hint={t('timers.noneWhy')} />}
        onClearFilters={Object.keys(filter).length > 0 ? () => ask(NOTHING) : undefined}
      />
    </OperateFrame>
  );
}

function useColumns(): Column<Row>[] {
  const t = useText();
  const say = useSpoken();
  const { byKey } = useDefinitions();
  return useMemo(
    () => [
      { key: 'due', title: t('timers.due'), width: 220, sort: 'dueDate', render: ({ dueDate }) => <DateTime value={dueDate} show="both" limit /> },
      { key: 'element', title: t('timers.element'), width: 200, sort: 'elementId', render: ({ processDefinitionKey, elementId }) => <ElementLabel definition={processDefinitionKey} id={elementId} /> },
      {
        key: 'process',
        title: t('instances.process'),
        width: 180,
        sort: 'processDefinitionId',
        render: ({ processDefinitionKey, processDefinitionId }) => {
          const definition = byKey.get(processDefinitionKey);
          return definition ? `${processName(definition)} v${definition.version}` : processDefinitionId;
        },
      },
      {
        key: 'businessId',
        title: t('instances.businessId'),
        width: 150,
        render: ({ businessId, processInstanceKey }) => businessId ?? processInstanceKey ?? t('timers.start'),
      },
      { key: 'cycle', title: t('timers.cycle'), width: 150, render: ({ cycle }) => cycle ? say.cycle(cycle) : '—' },
      { key: 'attempts', title: t('timers.attempts'), width: 110, sort: 'attempts', align: 'end', render: ({ attempts }) => <span className="tabular">{attempts}</span> },
      { key: 'state', title: t('instances.state'), width: 120, render: ({ suspended }) => <StateTag state={suspended ? 'SUSPENDED' : 'CREATED'} /> },
    ],
    [t, say, byKey],
  );
}
