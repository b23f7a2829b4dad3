/** The published definitions of a kind, at their latest version. */
import { Button, Input } from 'antd';
import { useMemo } from 'react';

import type { RepositoryItem } from '../../../api/schema';
import { DateTime } from '../../../ui/DateTime';
import { DataTable, type Column } from '../../../ui/DataTable';
import { EmptyState } from '../../../ui/EmptyState';
import { Person } from '../../../ui/Person';
import { useUrlState } from '../../../ui/urlState';
import { useClearable } from '../../../ui/useClearable';
import { DEFINITION_KINDS, type DefinitionKind } from '../api';
import { useText } from '../strings';
import { callersOf, matches, sorted } from './definitions';

interface Props {
  kind: DefinitionKind;
  items: readonly RepositoryItem[];
  onNew: () => void;
}

export function DefinitionList({ kind, items, onNew }: Props) {
  const clearable = useClearable();
  const t = useText();
  const [{ find }, setUrl] = useUrlState({ find: '' });
  const columns = useMemo<Column<RepositoryItem>[]>(() => {
    const list: Column<RepositoryItem>[] = [
      { key: 'name', title: t('repository.name'), width: 220, sort: 'name', render: ({ name, id }) => name ?? id },
      { key: 'id', title: t('repository.id'), width: 180, sort: 'id', render: ({ id }) => <span translate="no">{id}</span> },
      { key: 'version', title: t('repository.version'), width: 80, sort: 'version', align: 'end', render: ({ latest }) => <span className="tabular">{latest.version}</span> },
      { key: 'usedBy', title: t('repository.usedBy'), width: 200, render: (item) => <UsedBy item={item} all={items} /> },
      { key: 'changed', title: t('repository.published'), width: 140, sort: 'changed', render: ({ latest }) => <DateTime value={latest.deploymentDate} /> },
      { key: 'by', title: t('repository.publishedBy'), width: 110, sort: 'by', render: ({ latest }) => <Person username={latest.deployedBy} /> },
      { key: 'note', title: t('repository.note'), width: 240, render: ({ latest }) => <span title={latest.note ?? undefined}>{latest.note ?? '—'}</span> },
    ];
    if (kind === 'process') {
      list.splice(3, 1, {
        key: 'active',
        title: t('repository.active'),
        width: 110,
        sort: 'active',
        align: 'end',
        render: ({ latest }) => <span className="tabular">{(latest.activeInstances ?? 0).toLocaleString('en-US')}</span>,
      });
    }
    if (kind === 'decisionRequirements') {
      list.splice(2, 0, { key: 'decisions', title: t('repository.contains'), width: 200, render: ({ decisions }) => decisions.map(({ name }) => name).join(t('list.separator')) });
    }
    return list;
  }, [kind, items, t]);
  const found = items.filter((item) => item.kind === kind && matches(item, find));
  return (
    <DataTable
      id={`design.${kind}`}
      label={t('repository.label')}
      columns={columns}
      rowKey={({ id }) => id}
      queryKey={['shown', '/v2/repository', kind, find, items]}
      search={async ({ sort }) => ({ items: sorted(found, sort), page: { totalItems: found.length, hasMoreTotalItems: false } })}
      defaultSort={{ field: 'name', order: 'ASC' }}
      to={({ id }) => `/design/${DEFINITION_KINDS[kind]}/${encodeURIComponent(id)}`}
      toolbar={
        <Input.Search
          allowClear={clearable}
          style={{ width: 260 }}
          aria-label={t('repository.search')}
          placeholder={t('repository.search')}
          defaultValue={find}
          onChange={(event) => setUrl({ find: event.target.value.trim() })}
        />
      }
      onClearFilters={find ? () => setUrl({ find: '' }) : undefined}
      empty={
        <EmptyState
          title={t('repository.nothing')}
          hint={t('repository.nothingWhy')}
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

function UsedBy({ item, all }: { item: RepositoryItem; all: readonly RepositoryItem[] }) {
  const t = useText();
  const callers = callersOf(item, all);
  if (callers.length === 0) return <span className="secondary">{t('repository.unused')}</span>;
  const names = callers.map(({ name }) => name).join(t('list.separator'));
  return <span title={names}>{names}</span>;
}
