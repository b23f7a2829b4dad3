/** A batch: what it does, how far it is, and what came of each item. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Skeleton } from 'antd';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';

import { api, dataOf } from '../../api/client';
import { refreshPaths } from '../../api/live';
import { useMay } from '../../api/me';
import type { BatchOperation, BatchOperationItem, BatchOperationItemPage } from '../../api/schema';
import { Facts } from '../../processes/Facts';
import { StateTag, useStateWord } from '../../processes/States';
import { caseAddress } from '../../shell/addresses';
import { ConfirmAction } from '../../ui/ConfirmAction';
import { DataTable, type Column } from '../../ui/DataTable';
import { DateTime } from '../../ui/DateTime';
import { EmptyState } from '../../ui/EmptyState';
import { Person } from '../../ui/Person';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { useUrlState } from '../../ui/urlState';
import { withBusinessIds } from './businessIds';
import { BatchProgress } from './BatchesPage';
import { Choice } from './InstanceFilters';
import { OperateFrame } from './OperateFrame';
import { useOperationWord } from '../../processes/operations';
import { useText } from './strings';

const RUNNING = new Set(['CREATED', 'ACTIVE']);
const ITEM_STATES = ['ACTIVE', 'COMPLETED', 'FAILED', 'CANCELED'] as const;

export function BatchPage() {
  const t = useText();
  const { key = '' } = useParams();
  const operation = useOperationWord();
  const batch = useQuery({
    queryKey: ['get', '/v2/batch-operations/{key}', key],
    queryFn: () => dataOf(api.GET('/v2/batch-operations/{key}', { params: { path: { key } } })),
    refetchInterval: ({ state }) => (state.data && RUNNING.has(state.data.state) ? 1000 : false),
  });
  const title = batch.data ? operation(batch.data.lendloomOperationType) : t('batches.one');
  return (
    <OperateFrame
      fill
      title={`${title} ${key}`}
      badge={batch.data && <StateTag state={batch.data.state} />}
      actions={
        batch.data && (
          <>
            <Revert batch={batch.data} />
            <Control batch={batch.data} />
          </>
        )
      }
    >
      {batch.isError && <ProblemNotice error={batch.error} retry={() => void batch.refetch()} />}
      {batch.isPending && <Skeleton active />}
      {batch.data && (
        <>
          <BatchProgress batch={batch.data} wide />
          <BatchFacts batch={batch.data} />
          <Items batch={batch.data} />
        </>
      )}
    </OperateFrame>
  );
}

function BatchFacts({ batch }: { batch: BatchOperation }) {
  const t = useText();
  const instructions = Object.keys(batch.instructions).length > 0 ? JSON.stringify(batch.instructions) : null;
  return (
    <Facts
      facts={[
        [t('batches.actor'), batch.actorId && <Person key="actor" username={batch.actorId} exact />],
        [t('reason'), batch.reason],
        [t('instances.start'), <DateTime key="start" value={batch.startDate} show="both" />],
        [t('instances.end'), batch.endDate && <DateTime key="end" value={batch.endDate} show="both" />],
        [t('batch.pace'), t('batches.perSecond', { count: batch.itemsPerSecond })],
        [t('batches.filter'), <Chosen key="filter" batch={batch} />],
        [t('batches.instructions'), instructions && <code>{instructions}</code>],
      ]}
    />
  );
}

/** Which instances a batch is for: those that somebody ticked, or what they were found by. */
function Chosen({ batch }: { batch: BatchOperation }) {
  const t = useText();
  const ticked = (batch.filter as { processInstanceKey?: { $in?: string[] } }).processInstanceKey?.$in;
  if (ticked === undefined || Object.keys(batch.filter).length > 1) return <code>{JSON.stringify(batch.filter)}</code>;
  const without = ticked.length - batch.operationsTotalCount;
  return (
    <>
      {t('batches.ticked', { count: ticked.length })}
      {without > 0 && batch.state !== 'CREATED' && ` · ${t('batches.without', { count: without })}`}
    </>
  );
}

/** Take back what a batch has migrated, as a batch of its own. */
function Revert({ batch }: { batch: BatchOperation }) {
  const t = useText();
  const may = useMay();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const isMigrated = batch.lendloomOperationType === 'MIGRATE_PROCESS_INSTANCE' && batch.operationsCompletedCount > 0 && !RUNNING.has(batch.state);
  if (!isMigrated || !may('process-instance:migrate')) return null;
  const key = batch.batchOperationKey;
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t('migrate.revert')}</Button>
      <ConfirmAction
        open={asking}
        title={t('migrate.revert')}
        confirm={t('migrate.revert')}
        reason="required"
        targets={[{ key, label: key }]}
        run={async (_, reason) => {
          const made = await dataOf(api.POST('/v2/process-instances/migration/reversion', { body: { batchOperationKey: key, reason } }));
          void navigate(`/operate/batches/${made.batchOperationKey}`);
        }}
        onClose={() => setAsking(false)}
      >
        {t('migrate.revertText')}
      </ConfirmAction>
    </>
  );
}

type Step = 'suspension' | 'resumption' | 'cancellation';
const WORDS = {
  suspension: ['batches.hold', 'batches.holdText'],
  resumption: ['batches.continue', 'batches.continueText'],
  cancellation: ['batches.cancel', 'batches.cancelText'],
} as const;

/** Hold, continue or end a batch, as far as it still runs. */
function Control({ batch }: { batch: BatchOperation }) {
  const t = useText();
  const may = useMay();
  const cache = useQueryClient();
  const [asking, setAsking] = useState<Step | null>(null);
  const act = useMutation({
    mutationFn: (step: Step) => api.POST(`/v2/batch-operations/{key}/${step}`, { params: { path: { key: batch.batchOperationKey } } }),
  });
  const steps: Step[] = RUNNING.has(batch.state) ? ['suspension', 'cancellation'] : batch.state === 'SUSPENDED' ? ['resumption', 'cancellation'] : [];
  if (!may('batch-operation:control') || steps.length === 0) return null;
  return (
    <>
      {steps.map((step) => (
        <Button key={step} danger={step === 'cancellation'} onClick={() => setAsking(step)}>
          {t(WORDS[step][0])}
        </Button>
      ))}
      {asking && (
        <ConfirmAction
          open
          title={t(WORDS[asking][0])}
          confirm={t(WORDS[asking][0])}
          danger={asking === 'cancellation'}
          targets={[{ key: batch.batchOperationKey, label: batch.batchOperationKey }]}
          run={() => act.mutateAsync(asking)}
          onClose={(done) => {
            setAsking(null);
            if (done) refreshPaths(cache, new Set(['batch-operations', 'batch-operation-items']));
          }}
        >
          {t(WORDS[asking][1])}
        </ConfirmAction>
      )}
    </>
  );
}

type Row = BatchOperationItem & { businessId: string | null };

function Items({ batch }: { batch: BatchOperation }) {
  const t = useText();
  const word = useStateWord();
  const [{ items: state }, ask] = useUrlState({ items: '' });
  const filter = { batchOperationKey: batch.batchOperationKey, ...(state && { state: state as (typeof ITEM_STATES)[number] }) };
  const done = batch.operationsCompletedCount + batch.operationsFailedCount;
  const columns: Column<Row>[] = [
    {
      key: 'item',
      title: t('batches.item'),
      width: 210,
      sort: 'itemKey',
      render: ({ itemKey, processInstanceKey, businessId }) => (
        <>
          {processInstanceKey ? <Link to={caseAddress(processInstanceKey)}>{businessId ?? itemKey}</Link> : itemKey}
          {businessId && <span className="secondary"> · {itemKey}</span>}
        </>
      ),
    },
    { key: 'state', title: t('instances.state'), width: 110, sort: 'state', render: (item) => <StateTag state={item.state} /> },
    {
      key: 'result',
      title: t('batches.result'),
      width: 420,
      render: ({ errorMessage, result, state }) => (errorMessage ? <span style={{ color: 'var(--ll-error)' }}>{errorMessage}</span> : <ItemResult result={result} isDone={state === 'COMPLETED'} />),
    },
    { key: 'at', title: t('batches.at'), width: 130, sort: 'processedDate', render: ({ processedDate }) => <DateTime value={processedDate} /> },
  ];
  return (
    <DataTable<Row>
      id="operate.batch-items"
      label={t('batches.items')}
      columns={columns}
      rowKey={({ itemKey }) => itemKey}
      // What has been done meanwhile is part of the question: the items are asked for anew as the batch goes on.
      queryKey={['post', '/v2/batch-operation-items/search', filter, done]}
      search={async (request) => withBusinessIds<BatchOperationItem, BatchOperationItemPage>(await dataOf(api.POST('/v2/batch-operation-items/search', { body: { filter, ...request } as never })))}
      defaultSort={{ field: 'itemKey', order: 'ASC' }}
      toolbar={
        <Choice label={t('instances.state')} value={state} onChange={(items) => ask({ items })}>
          {ITEM_STATES.map((value) => ({ value, label: value === 'ACTIVE' ? t('batches.waiting') : word(value) }))}
        </Choice>
      }
      empty={<EmptyState title={t('batches.noItems')} hint={t('batches.noItemsWhy')} />}
      onClearFilters={state ? () => ask({ items: '' }) : undefined}
    />
  );
}

/** What an item led to, such as the instance that was started anew. */
function ItemResult({ result, isDone }: { result: Record<string, unknown> | null; isDone: boolean }) {
  const t = useText();
  const started = result?.processInstanceKey;
  if (typeof started === 'string') return <Link to={caseAddress(started)}>{t('batches.started', { key: started })}</Link>;
  return <span className="secondary">{isDone ? t('batches.succeeded') : '—'}</span>;
}
