/** Drafts: one's own, and those of others that are shared. */
import { useQuery } from '@tanstack/react-query';
import { Button, Input, Select, Tag } from 'antd';
import { useMemo } from 'react';

import { api, dataOf } from '../../../api/client';
import type { FoundDraft } from '../../../api/schema';
import { DateTime } from '../../../ui/DateTime';
import { DataTable, type Column } from '../../../ui/DataTable';
import { EmptyState } from '../../../ui/EmptyState';
import { Person } from '../../../ui/Person';
import { useUrlState } from '../../../ui/urlState';
import { useClearable } from '../../../ui/useClearable';
import { draftsQuery, type Kind } from '../api';
import { KindTag } from '../KindTag';
import { useText } from '../strings';

const KINDS: readonly Kind[] = ['bpmn', 'dmn', 'form', 'scenario'];
const NO_FILTER = { name: '', kind: '' };

export function DraftList({ onNew }: { onNew: () => void }) {
  const clearable = useClearable();
  const t = useText();
  const [filter, setFilter] = useUrlState(NO_FILTER);
  const columns = useMemo<Column<FoundDraft>[]>(
    () => [
      { key: 'name', title: t('draft.name'), width: 260, sort: 'name', render: ({ name }) => name },
      { key: 'kind', title: t('new.kind'), width: 110, sort: 'kind', render: ({ kind }) => <KindTag kind={kind} /> },
      { key: 'standing', title: t('draft.standing'), width: 120, render: ({ draftKey }) => <Standing draftKey={draftKey} /> },
      { key: 'id', title: t('repository.id'), width: 200, sort: 'definitionId', render: ({ definitionId }) => <span translate="no">{definitionId ?? '—'}</span> },
      { key: 'changed', title: t('repository.changed'), width: 150, sort: 'changeDate', render: ({ changeDate }) => <DateTime value={changeDate} /> },
      { key: 'by', title: t('repository.changedBy'), width: 120, sort: 'changedBy', render: ({ changedBy }) => <Person username={changedBy} /> },
      { key: 'owner', title: t('repository.owner'), width: 120, sort: 'owner', hidden: true, render: ({ owner }) => <Person username={owner} /> },
    ],
    [t],
  );
  const body = { ...(filter.name && { name: { $like: `*${filter.name}*` } }), ...(filter.kind && { kind: filter.kind as Kind }) };
  const isFiltered = Object.keys(body).length > 0;
  return (
    <DataTable
      id="design.drafts"
      label={t('repository.drafts')}
      columns={columns}
      rowKey={({ draftKey }) => draftKey}
      queryKey={['post', '/v2/drafts/search', body]}
      search={(request) => dataOf(api.POST('/v2/drafts/search', { body: { ...request, filter: body } as never }))}
      defaultSort={{ field: 'changeDate', order: 'DESC' }}
      to={({ draftKey }) => `/design/drafts/${draftKey}`}
      toolbar={
        <>
          <Input.Search
            allowClear={clearable}
            style={{ width: 240 }}
            aria-label={t('repository.search')}
            placeholder={t('repository.search')}
            defaultValue={filter.name}
            onSearch={(name) => setFilter({ name: name.trim() })}
          />
          <Select
            style={{ width: 130 }}
            aria-label={t('new.kind')}
            value={filter.kind}
            onChange={(kind) => setFilter({ kind })}
            options={[{ value: '', label: t('repository.allKinds') }, ...KINDS.map((kind) => ({ value: kind, label: t(`kind.${kind}`) }))]}
          />
        </>
      }
      onClearFilters={isFiltered ? () => setFilter(NO_FILTER) : undefined}
      empty={
        <EmptyState
          title={t('repository.noDrafts')}
          hint={t('repository.noDraftsWhy')}
          action={
            <Button type="primary" onClick={onNew}>
              {t('new.button')}
            </Button>
          }
        />
      }
    />
  );
}

/** Whether there is something in a draft that is not published yet; nothing of what cannot be published. */
function Standing({ draftKey }: { draftKey: string }) {
  const t = useText();
  const { data } = useQuery(draftsQuery);
  const draft = data?.items.find((item) => item.draftKey === draftKey);
  if (draft === undefined) return '—';
  if (draft.isInForce) return <Tag color="success">{t('draft.inForce')}</Tag>;
  return draft.isPublished ? <Tag>{t('draft.superseded')}</Tag> : <Tag color="processing">{t('draft.unpublished')}</Tag>;
}
