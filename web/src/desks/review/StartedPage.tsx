/** The cases that I have started, and starting another one. */
import { PlusOutlined } from '@ant-design/icons';
import { Button, Select } from 'antd';
import { useMemo } from 'react';
import { Link } from 'react-router';

import { api, dataOf } from '../../api/client';
import { useMay, useMe } from '../../api/me';
import type { ProcessInstance, ProcessInstanceSearch } from '../../api/schema';
import { DataTable, type Column } from '../../ui/DataTable';
import { DateTime } from '../../ui/DateTime';
import { Duration } from '../../ui/Duration';
import { EmptyState } from '../../ui/EmptyState';
import { Money } from '../../ui/Money';
import { PageFrame } from '../../ui/PageFrame';
import { useUrlState } from '../../ui/urlState';
import type { SearchPage, SearchRequest } from '../../ui/useRows';
import { useClearable } from '../../ui/useClearable';
import { Boxes } from './Boxes';
import { factsByInstance } from './caseFacts';
import type { Facts } from './facts';
import { TextFilter } from './Filters';
import styles from './review.module.css';
import { useText } from './strings';

interface ListedCase extends ProcessInstance {
  facts: Facts;
}

const STATES = ['ACTIVE', 'COMPLETED', 'TERMINATED'] as const;
const NONE = { state: '', q: '' };

export function StartedPage() {
  const clearable = useClearable();
  const t = useText();
  const me = useMe().username;
  const may = useMay();
  const [filters, setFilters] = useUrlState(NONE);
  const queryKey = useMemo(() => ['post', '/v2/process-instances/search', 'started', filters], [filters]);
  const isFiltered = filters.state !== '' || filters.q !== '';
  const start = may('process-instance:create') && (
    <Link to="/review/start">
      <Button type="primary" icon={<PlusOutlined />}>
        {t('start.title')}
      </Button>
    </Link>
  );
  return (
    <PageFrame title={t('box.started')} fill actions={start || undefined} below={<Boxes current="started" />}>
      <DataTable
        id="review.started"
        label={t('box.started')}
        columns={useColumns()}
        rowKey={({ processInstanceKey }) => processInstanceKey}
        queryKey={queryKey}
        search={(request) => search(me, filters, request)}
        defaultSort={{ field: 'startDate', order: 'DESC' }}
        to={({ processInstanceKey }) => `/cases/${processInstanceKey}`}
        toolbar={
          <div className={styles.filters} role="search">
            <TextFilter label={t('filter.started')} value={filters.q} onChange={(q) => setFilters({ q })} />
            <Select
              allowClear={clearable}
              aria-label={t('filter.state')}
              placeholder={t('filter.state')}
              style={{ minWidth: 120 }}
              value={filters.state || undefined}
              onChange={(state?: string) => setFilters({ state: state ?? '' })}
              options={STATES.map((value) => ({ value, label: t(`state.${value}`) }))}
            />
          </div>
        }
        empty={
          <EmptyState
            title={t('empty.started')}
            hint={t(may('process-instance:create') ? 'empty.startedWhy' : 'empty.startedMayNot')}
            action={start}
          />
        }
        onClearFilters={isFiltered ? () => setFilters(NONE) : undefined}
        card={(row) => <CaseCard row={row} />}
        cardHeight={76}
      />
    </PageFrame>
  );
}

async function search(me: string, { state, q }: typeof NONE, request: SearchRequest): Promise<SearchPage<ListedCase>> {
  const body = {
    filter: {
      startedBy: me,
      parentProcessInstanceKey: { $exists: false },
      ...(state && { state }),
      ...(q.trim() && { businessId: { $like: `${q.trim().replace(/[*?\\]/g, '\\$&')}*` } }),
    },
    ...request,
  } as ProcessInstanceSearch;
  const { items, page } = await dataOf(api.POST('/v2/process-instances/search', { body }));
  const facts = await factsByInstance(items.map(({ processInstanceKey }) => processInstanceKey));
  return { items: items.map((row) => ({ ...row, facts: facts.get(row.processInstanceKey) ?? {} })), page };
}

function useColumns(): readonly Column<ListedCase>[] {
  const t = useText();
  return useMemo(
    () => [
      { key: 'businessId', title: t('column.businessId'), width: 160, sort: 'businessId', render: (row) => row.businessId ?? row.processInstanceKey },
      { key: 'applicant', title: t('column.applicant'), width: 110, render: ({ facts }) => facts.applicant ?? '—' },
      { key: 'amount', title: t('column.amount'), width: 130, align: 'end', render: ({ facts }) => <Money value={facts.amount} /> },
      { key: 'process', title: t('column.process'), width: 140, sort: 'processDefinitionName', render: (row) => row.processDefinitionName ?? row.processDefinitionId },
      { key: 'state', title: t('column.state'), width: 110, sort: 'state', render: (row) => <State row={row} /> },
      { key: 'started', title: t('column.started'), width: 130, sort: 'startDate', render: ({ startDate }) => <DateTime value={startDate} /> },
      { key: 'ended', title: t('column.ended'), width: 130, sort: 'endDate', render: ({ endDate }) => <DateTime value={endDate} /> },
      { key: 'took', title: t('column.took'), width: 120, render: ({ startDate, endDate }) => <Duration from={startDate} to={endDate} /> },
      { key: 'version', title: t('column.version'), width: 100, hidden: true, render: (row) => <span className="tabular">{row.processDefinitionVersion}</span> },
    ],
    [t],
  );
}

export function State({ row }: { row: Pick<ProcessInstance, 'state' | 'hasIncident'> }) {
  const t = useText();
  if (row.hasIncident) return <span className={styles.overdue}>{t('state.incident')}</span>;
  const isKnown = row.state === 'ACTIVE' || row.state === 'COMPLETED' || row.state === 'TERMINATED' || row.state === 'CANCELED' || row.state === 'SUSPENDED';
  return <span className={row.state === 'ACTIVE' ? styles.active : undefined}>{isKnown ? t(`state.${row.state as 'ACTIVE'}`) : row.state}</span>;
}

function CaseCard({ row }: { row: ListedCase }) {
  return (
    <Link className={styles.card} to={`/cases/${row.processInstanceKey}`}>
      <span className={styles.cardLine}>
        <strong className={styles.cut}>{[row.facts.applicant, row.businessId].filter(Boolean).join(' · ') || row.processInstanceKey}</strong>
        <State row={row} />
      </span>
      <span className={`${styles.cardLine} small secondary`}>
        <span>{row.processDefinitionName ?? row.processDefinitionId}</span>
        <DateTime value={row.startDate} />
      </span>
    </Link>
  );
}
