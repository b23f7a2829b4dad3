/** The instances of all processes: found by what operators know of them, and many handled at once in a mode of its own. */
import { DownOutlined } from '@ant-design/icons';
import { Alert, Button, Dropdown, Radio } from 'antd';
import { useMemo, useState } from 'react';

import { api, dataOf } from '../../api/client';
import { useMay } from '../../api/me';
import type { ProcessInstance, ProcessInstanceFilter } from '../../api/schema';
import { processName } from '../../processes/definitions';
import { InstanceState } from '../../processes/States';
import { caseAddress } from '../../shell/addresses';
import { DataTable, type Column } from '../../ui/DataTable';
import { DateTime } from '../../ui/DateTime';
import { Duration } from '../../ui/Duration';
import { EmptyState } from '../../ui/EmptyState';
import { Person } from '../../ui/Person';
import { useUrlState } from '../../ui/urlState';
import { BatchDialog } from './BatchDialog';
import { BATCH_KINDS, KINDS, type BatchKind } from './batches';
import { instanceFilter, NO_FILTER } from './instanceFilter';
import { InstanceFilters } from './InstanceFilters';
import { OperateFrame } from './OperateFrame';
import styles from './InstancesPage.module.css';
import { useText } from './strings';

const SORT = { field: 'startDate', order: 'DESC' } as const;

export function InstancesPage() {
  const t = useText();
  const may = useMay();
  const [asked, ask] = useUrlState(NO_FILTER);
  const [mode, setMode] = useState<BatchKind | null>(null);
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const filter = useMemo(() => instanceFilter(asked), [asked]);
  const columns = useColumns();
  const kinds = BATCH_KINDS.filter((kind) => may(KINDS[kind].permission));
  const enter = (kind: BatchKind) => {
    setMode(kind);
    setChosen(new Set());
  };
  return (
    <OperateFrame
      fill
      title={t('instances.title')}
      actions={
        mode === null &&
        kinds.length > 0 && (
          <Dropdown
            trigger={['click']}
            menu={{
              items: kinds.map((kind) => ({ key: kind, label: t(KINDS[kind].label), danger: KINDS[kind].danger })),
              onClick: ({ key }) => enter(key as BatchKind),
            }}
          >
            <Button icon={<DownOutlined />} iconPlacement="end">
              {t('mode.enter')}
            </Button>
          </Dropdown>
        )
      }
    >
      <InstanceFilters asked={asked} ask={ask} />
      <div className={mode === null ? styles.list : styles.mode}>
        {mode !== null && <Mode kind={mode} chosen={chosen} filter={filter} onLeave={() => setMode(null)} />}
        <DataTable<ProcessInstance>
          id="operate.instances"
          label={t('instances.title')}
          columns={columns}
          rowKey={({ processInstanceKey }) => processInstanceKey}
          queryKey={['post', '/v2/process-instances/search', filter]}
          search={(request) => dataOf(api.POST('/v2/process-instances/search', { body: { filter, ...request } as never }))}
          defaultSort={SORT}
          to={({ processInstanceKey }) => caseAddress(processInstanceKey)}
          {...(mode !== null && { selection: { keys: chosen, onChange: setChosen } })}
          empty={<EmptyState title={t('instances.none')} hint={t('instances.noneWhy')} />}
          onClearFilters={Object.keys(filter).length > 0 ? () => ask(NO_FILTER) : undefined}
        />
      </div>
    </OperateFrame>
  );
}

interface ModeProps {
  kind: BatchKind;
  chosen: ReadonlySet<string>;
  filter: ProcessInstanceFilter;
  onLeave: () => void;
}

/** What is said and done while instances are chosen for an act. */
function Mode({ kind, chosen, filter, onLeave }: ModeProps) {
  const t = useText();
  const [scope, setScope] = useState<'chosen' | 'all'>('chosen');
  const [asking, setAsking] = useState(false);
  // An act on everything there is would be refused by the server; so it is not offered.
  const mayAll = Object.keys(filter).length > 0;
  const all = scope === 'all' && mayAll;
  return (
    <>
      <Alert
        type="info"
        showIcon
        role="status"
        title={t('mode.title', { act: t(KINDS[kind].label) })}
        description={
          <>
            <p style={{ margin: '0 0 8px' }}>{t('mode.text')}</p>
            <Radio.Group
              value={all ? 'all' : 'chosen'}
              onChange={({ target }) => setScope(target.value as 'chosen' | 'all')}
              options={[
                { value: 'chosen', label: t('mode.chosen', { count: chosen.size }) },
                { value: 'all', label: t('mode.all'), disabled: !mayAll },
              ]}
            />
          </>
        }
        action={
          <span style={{ display: 'inline-flex', gap: 8 }}>
            <Button onClick={onLeave}>{t('mode.leave')}</Button>
            <Button type="primary" danger={KINDS[kind].danger} disabled={!all && chosen.size === 0} onClick={() => setAsking(true)}>
              {t('mode.apply', { act: t(KINDS[kind].label) })}
            </Button>
          </span>
        }
      />
      {asking && (
        <BatchDialog
          kind={kind}
          filter={all ? filter : { processInstanceKey: { $in: [...chosen] } }}
          scope={all ? t('scope.all') : t('scope.chosen', { count: chosen.size })}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}

function useColumns(): Column<ProcessInstance>[] {
  const t = useText();
  return useMemo(
    () => [
      {
        key: 'businessId',
        title: t('instances.businessId'),
        width: 150,
        sort: 'businessId',
        render: ({ businessId, processInstanceKey }) => businessId ?? processInstanceKey,
      },
      {
        key: 'process',
        title: t('instances.process'),
        width: 180,
        sort: 'processDefinitionName',
        render: (row) => processName({ name: row.processDefinitionName, processDefinitionId: row.processDefinitionId }),
      },
      {
        key: 'version',
        title: t('instances.version'),
        width: 70,
        sort: 'processDefinitionVersion',
        render: ({ processDefinitionVersion }) => `v${processDefinitionVersion}`,
      },
      { key: 'state', title: t('instances.state'), width: 120, sort: 'state', render: (row) => <InstanceState instance={row} /> },
      { key: 'start', title: t('instances.start'), width: 120, sort: 'startDate', render: ({ startDate }) => <DateTime value={startDate} /> },
      { key: 'end', title: t('instances.end'), width: 120, sort: 'endDate', render: ({ endDate }) => <DateTime value={endDate} /> },
      {
        key: 'duration',
        title: t('instances.duration'),
        width: 110,
        hidden: true,
        render: ({ startDate, endDate }) => <Duration from={startDate} to={endDate} />,
      },
      { key: 'by', title: t('instances.by'), width: 110, render: ({ startedBy }) => <Person username={startedBy} /> },
      {
        key: 'level',
        title: t('instances.level'),
        width: 100,
        render: ({ parentProcessInstanceKey }) => t(parentProcessInstanceKey === null ? 'instances.root' : 'instances.called'),
      },
      { key: 'key', title: t('instances.key'), width: 110, sort: 'processInstanceKey', render: ({ processInstanceKey }) => processInstanceKey },
      { key: 'tags', title: t('instances.tags'), width: 140, hidden: true, render: ({ tags }) => tags.join(', ') },
    ],
    [t],
  );
}
