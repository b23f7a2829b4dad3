/** Messages that are kept until somebody waits for them, and what waits for messages. */
import { Segmented } from 'antd';
import { useMemo } from 'react';

import { api, dataOf } from '../../api/client';
import type { BufferedMessage, MessageSubscription } from '../../api/schema';
import { shownValue } from '../../processes/values';
import { caseAddress } from '../../shell/addresses';
import { DataTable, type Column } from '../../ui/DataTable';
import { DateTime } from '../../ui/DateTime';
import { EmptyState } from '../../ui/EmptyState';
import { useUrlState } from '../../ui/urlState';
import { ElementLabel } from './ElementLabel';
import { TextFilter } from './InstanceFilters';
import filterStyles from './InstanceFilters.module.css';
import { OperateFrame } from './OperateFrame';
import { useText } from './strings';

const NOTHING = { show: 'buffered', name: '', correlationKey: '' };

export function MessagesPage() {
  const t = useText();
  const [asked, ask] = useUrlState(NOTHING);
  return (
    <OperateFrame fill title={t('messages.title')}>
      <div className={filterStyles.filters} role="search" aria-label={t('filters.label')}>
        <Segmented
          aria-label={t('messages.which')}
          value={asked.show}
          onChange={(show) => ask({ show, name: '', correlationKey: '' })}
          options={[
            { value: 'buffered', label: t('messages.buffered') },
            { value: 'waiting', label: t('messages.waiting') },
          ]}
        />
        <TextFilter label={t('messages.name')} value={asked.name} onChange={(name) => ask({ name })} />
        <TextFilter label={t('messages.correlationKey')} value={asked.correlationKey} onChange={(correlationKey) => ask({ correlationKey })} />
      </div>
      {asked.show === 'buffered' ? <Buffered key="buffered" asked={asked} ask={ask} /> : <Waiting key="waiting" asked={asked} ask={ask} />}
    </OperateFrame>
  );
}

interface Props {
  asked: typeof NOTHING;
  ask: (changed: Partial<typeof NOTHING>) => void;
}

function Buffered({ asked, ask }: Props) {
  const t = useText();
  const filter = useMemo(() => questionOf(asked, 'name'), [asked]);
  const columns = useMemo<Column<BufferedMessage>[]>(
    () => [
      { key: 'name', title: t('messages.name'), width: 200, sort: 'name', render: ({ name }) => name },
      { key: 'correlationKey', title: t('messages.correlationKey'), width: 180, sort: 'correlationKey', render: ({ correlationKey }) => correlationKey || '—' },
      { key: 'published', title: t('messages.published'), width: 130, sort: 'publicationDate', render: ({ publicationDate }) => <DateTime value={publicationDate} /> },
      { key: 'expires', title: t('messages.expires'), width: 200, sort: 'expirationDate', render: ({ expirationDate }) => <DateTime value={expirationDate} show="both" /> },
      { key: 'received', title: t('messages.received'), width: 160, render: ({ correlatedProcessDefinitionIds: ids }) => ids.join(', ') || '—' },
      { key: 'variables', title: t('messages.variables'), width: 260, render: ({ variables }) => shownValue(JSON.stringify(variables)).brief },
    ],
    [t],
  );
  return (
    <DataTable<BufferedMessage>
      id="operate.messages"
      label={t('messages.buffered')}
      columns={columns}
      rowKey={({ messageKey }) => messageKey}
      queryKey={['post', '/v2/messages/search', filter]}
      search={(request) => dataOf(api.POST('/v2/messages/search', { body: { filter, ...request } as never }))}
      defaultSort={{ field: 'publicationDate', order: 'DESC' }}
      empty={<EmptyState title={t('messages.noneBuffered')} hint={t('messages.noneBufferedWhy')} />}
      onClearFilters={Object.keys(filter).length > 0 ? () => ask({ name: '', correlationKey: '' }) : undefined}
    />
  );
}

function Waiting({ asked, ask }: Props) {
  const t = useText();
  const filter = useMemo(() => questionOf(asked, 'messageName'), [asked]);
  const columns = useMemo<Column<MessageSubscription>[]>(
    () => [
      { key: 'name', title: t('messages.name'), width: 200, sort: 'messageName', render: ({ messageName }) => messageName },
      { key: 'correlationKey', title: t('messages.correlationKey'), width: 180, sort: 'correlationKey', render: ({ correlationKey }) => correlationKey ?? '—' },
      {
        key: 'process',
        title: t('instances.process'),
        width: 180,
        sort: 'processDefinitionId',
        render: (row) => `${row.processDefinitionName || row.processDefinitionId} v${row.processDefinitionVersion}`,
      },
      { key: 'element', title: t('timers.element'), width: 180, sort: 'elementId', render: ({ processDefinitionKey, elementId }) => <ElementLabel definition={processDefinitionKey} id={elementId} /> },
      { key: 'businessId', title: t('instances.businessId'), width: 150, render: ({ businessId }) => businessId ?? '—' },
      { key: 'since', title: t('messages.since'), width: 130, sort: 'lastUpdatedDate', render: ({ lastUpdatedDate }) => <DateTime value={lastUpdatedDate} /> },
    ],
    [t],
  );
  return (
    <DataTable<MessageSubscription>
      id="operate.subscriptions"
      label={t('messages.waiting')}
      columns={columns}
      rowKey={({ messageSubscriptionKey }) => messageSubscriptionKey}
      queryKey={['post', '/v2/message-subscriptions/search', filter]}
      search={(request) => dataOf(api.POST('/v2/message-subscriptions/search', { body: { filter, ...request } as never }))}
      defaultSort={{ field: 'lastUpdatedDate', order: 'DESC' }}
      to={({ processInstanceKey, processDefinitionKey, elementId }) =>
        processInstanceKey
          ? `${caseAddress(processInstanceKey)}?tab=waits&element=${encodeURIComponent(elementId)}`
          : `/operate?definition=${processDefinitionKey}&element=${encodeURIComponent(elementId)}`
      }
      empty={<EmptyState title={t('messages.noneWaiting')} hint={t('messages.noneWaitingWhy')} />}
      onClearFilters={Object.keys(filter).length > 0 ? () => ask({ name: '', correlationKey: '' }) : undefined}
    />
  );
}

function questionOf({ name, correlationKey }: typeof NOTHING, field: 'name' | 'messageName') {
  return {
    ...(name && { [field]: { $like: `*${name}*` } }),
    ...(correlationKey && { correlationKey: { $like: `*${correlationKey}*` } }),
  };
}
