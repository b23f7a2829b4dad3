/** What was done with many things at once: running and ended batches. */
import { Progress } from 'antd';
import { useMemo } from 'react';

import { api, dataOf } from '../../api/client';
import type { BatchOperation } from '../../api/schema';
import { StateTag, useStateWord } from '../../processes/States';
import { DataTable, type Column } from '../../ui/DataTable';
import { DateTime } from '../../ui/DateTime';
import { EmptyState } from '../../ui/EmptyState';
import { Person } from '../../ui/Person';
import { useUrlState } from '../../ui/urlState';
import { useOperationWord } from '../../processes/operations';
import { Choice } from './InstanceFilters';
import { OperateFrame } from './OperateFrame';
import { useText } from './strings';

const STATES = ['CREATED', 'ACTIVE', 'SUSPENDED', 'COMPLETED', 'CANCELED', 'FAILED'] as const;

export function BatchesPage() {
  const t = useText();
  const word = useStateWord();
  const [{ state }, ask] = useUrlState({ state: '' });
  const filter = state ? { state: state as (typeof STATES)[number] } : {};
  const columns = useColumns();
  return (
    <OperateFrame fill title={t('batches.title')}>
      <DataTable<BatchOperation>
        id="operate.batches"
        label={t('batches.title')}
        columns={columns}
        rowKey={({ batchOperationKey }) => batchOperationKey}
        queryKey={['post', '/v2/batch-operations/search', filter]}
        search={(request) => dataOf(api.POST('/v2/batch-operations/search', { body: { filter, ...request } as never }))}
        defaultSort={{ field: 'startDate', order: 'DESC' }}
        to={({ batchOperationKey }) => `/operate/batches/${batchOperationKey}`}
        toolbar={
          <Choice label={t('instances.state')} value={state} onChange={(chosen) => ask({ state: chosen })}>
            {STATES.map((value) => ({ value, label: word(value) }))}
          </Choice>
        }
        empty={<EmptyState title={t('batches.none')} hint={t('batches.noneWhy')} />}
        onClearFilters={state ? () => ask({ state: '' }) : undefined}
      />
    </OperateFrame>
  );
}

/** How far a batch is: done, failed, of how many. */
export function BatchProgress({ batch, wide = false }: { batch: BatchOperation; wide?: boolean }) {
  const t = useText();
  const { operationsTotalCount: total, operationsCompletedCount: completed, operationsFailedCount: failed } = batch;
  const percent = total === 0 ? 100 : Math.floor((100 * (completed + failed)) / total);
  return (
    <span style={{ display: 'inline-flex', gap: 8, alignItems: 'center', width: wide ? '100%' : 200 }}>
      <Progress
        percent={percent}
        success={{ percent: total === 0 ? 100 : Math.floor((100 * completed) / total), strokeColor: 'var(--ll-success)' }}
        strokeColor="var(--ll-error)"
        showInfo={false}
        size="small"
        style={{ flex: 1 }}
        aria-label={t('batches.progress', { done: completed + failed, total })}
      />
      <span className="tabular small" style={{ whiteSpace: 'nowrap' }}>
        {completed + failed}/{total}
        {failed > 0 && <strong style={{ color: 'var(--ll-error)' }}> · {t('batches.failed', { count: failed })}</strong>}
      </span>
    </span>
  );
}

function useColumns(): Column<BatchOperation>[] {
  const t = useText();
  const operation = useOperationWord();
  return useMemo(
    () => [
      {
        key: 'type',
        title: t('batches.type'),
        width: 150,
        sort: 'operationType',
        render: ({ lendloomOperationType }) => operation(lendloomOperationType),
      },
      { key: 'state', title: t('instances.state'), width: 110, sort: 'state', render: ({ state }) => <StateTag state={state} /> },
      { key: 'progress', title: t('batches.progressTitle'), width: 260, render: (batch) => <BatchProgress batch={batch} /> },
      { key: 'actor', title: t('batches.actor'), width: 120, sort: 'actorId', render: ({ actorId }) => <Person username={actorId} /> },
      { key: 'reason', title: t('reason'), width: 220, render: ({ reason }) => reason ?? <span className="secondary">—</span> },
      { key: 'start', title: t('instances.start'), width: 120, sort: 'startDate', render: ({ startDate }) => <DateTime value={startDate} /> },
      { key: 'end', title: t('instances.end'), width: 120, sort: 'endDate', render: ({ endDate }) => <DateTime value={endDate} /> },
      { key: 'key', title: t('batches.key'), width: 100, hidden: true, render: ({ batchOperationKey }) => batchOperationKey },
    ],
    [t, operation],
  );
}
