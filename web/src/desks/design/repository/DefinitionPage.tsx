/** A published definition: its versions, who uses it, what it uses; from here it is edited, compared, put back. */
import { DiffOutlined, EditOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Button, Skeleton, Tag } from 'antd';
import { useState } from 'react';
import { Link, useNavigate, useParams } from 'react-router';

import { api } from '../../../api/client';
import { useMay } from '../../../api/me';
import type { ListedVersion, RepositoryItem } from '../../../api/schema';
import { NotFound } from '../../../shell/NotFound';
import { ConfirmAction } from '../../../ui/ConfirmAction';
import { PageFrame } from '../../../ui/PageFrame';
import { ProblemNotice } from '../../../ui/ProblemNotice';
import { DEFINITION_KINDS, repositoryQuery, versionsQuery, type DefinitionKind } from '../api';
import { KindTag } from '../KindTag';
import { useText } from '../strings';
import { CONSEQUENCES } from '../deploy/deployedItems';
import { callersOf, modelName } from './definitions';
import { EditDialog } from './EditDialog';
import styles from './DefinitionPage.module.css';
import { VersionTable } from './VersionTable';

export default function DefinitionPage({ kind }: { kind: DefinitionKind }) {
  const t = useText();
  const may = useMay();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const { message } = App.useApp();
  const { definitionId = '' } = useParams();
  const repository = useQuery(repositoryQuery);
  const versions = useQuery(versionsQuery(kind, definitionId));
  const [isEditing, setEditing] = useState(false);
  const [restored, setRestored] = useState<ListedVersion | null>(null);
  const [compared, setCompared] = useState<{ old?: string; new?: string }>({});
  const item = repository.data?.items.find((each) => each.kind === kind && each.id === definitionId);
  const error = repository.error ?? versions.error;
  const list = versions.data?.items;
  if (list?.length === 0) return <NotFound />;
  const name = item?.name ?? item?.decisions[0]?.name ?? definitionId;
  const old = compared.old ?? list?.[1]?.resourceKey;
  const latest = compared.new ?? list?.[0]?.resourceKey;
  return (
    <PageFrame
      title={name}
      badge={
        <>
          <KindTag kind={DEFINITION_KINDS[kind]} />
          <span className="secondary" translate="no">
            {definitionId}
          </span>
        </>
      }
      actions={
        <>
          {list && list.length > 1 && (
            <Button icon={<DiffOutlined />} disabled={!old || !latest || old === latest} onClick={() => void navigate(`/design/compare?old=${old}&new=${latest}`)}>
              {t('versions.compare')}
            </Button>
          )}
          <Button type="primary" icon={<EditOutlined />} disabled={!list} onClick={() => setEditing(true)}>
            {t('versions.edit')}
          </Button>
        </>
      }
    >
      {error && <ProblemNotice error={error} retry={() => void (repository.refetch(), versions.refetch())} />}
      {!list && !error && <Skeleton active />}
      {list && (
        <VersionTable
          versions={list}
          compared={{ old, new: latest }}
          onCompare={setCompared}
          onRestore={may('deployment:create') ? setRestored : undefined}
        />
      )}
      {item && <References item={item} />}
      {isEditing && list && <EditDialog kind={DEFINITION_KINDS[kind]} definitionId={definitionId} name={name} latest={list[0]!} onClose={() => setEditing(false)} />}
      <ConfirmAction
        open={restored !== null}
        title={t('restore.title', { name, version: restored?.version ?? 0 })}
        confirm={t('restore.ok')}
        reason="required"
        targets={restored ? [{ key: restored.resourceKey, label: `${name} ${restored.version}` }] : []}
        run={({ key }, note) => api.POST('/v2/resources/{key}/activation', { params: { path: { key } }, body: { note } })}
        onClose={(done) => {
          setRestored(null);
          if (!done) return;
          void cache.invalidateQueries({ predicate: ({ queryKey }) => String(queryKey[1]).startsWith('/v2/repository') });
          void message.success(t('restore.done'));
        }}
      >
        <p>{t('restore.text', { version: restored?.version ?? 0, next: (list?.[0]?.version ?? 0) + 1 })}</p>
        <p>{t(CONSEQUENCES[DEFINITION_KINDS[kind]])}</p>
      </ConfirmAction>
    </PageFrame>
  );
}

function References({ item }: { item: RepositoryItem }) {
  const t = useText();
  const { data } = useQuery(repositoryQuery);
  const callers = callersOf(item, data?.items ?? []);
  return (
    <div className={styles.references}>
      {item.decisions.length > 0 && (
        <section>
          <h2>{t('versions.decisions')}</h2>
          <ul>
            {item.decisions.map(({ decisionDefinitionId, name, version }) => (
              <li key={decisionDefinitionId}>
                {name} <code>{decisionDefinitionId}</code> <span className="secondary">{t('versions.number', { version })}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h2>{t('versions.usedBy')}</h2>
        {callers.length === 0 && <p className="secondary">{t(item.kind === 'process' ? 'versions.notCalled' : 'versions.notUsed')}</p>}
        <ul>
          {callers.map(({ id, name, to }) => (
            <li key={to}>
              <Link to={to}>{name}</Link>
              {item.usedBy
                .filter(({ processDefinitionId }) => processDefinitionId === id)
                .map(({ elementId }) => (
                  <code key={elementId}>{elementId}</code>
                ))}
            </li>
          ))}
        </ul>
      </section>
      {item.imports.length > 0 && (
        <section>
          <h2>{t('versions.imports')}</h2>
          <ul>
            {item.imports.map((id) => (
              <li key={id}>
                <Link to={`/design/dmn/${encodeURIComponent(id)}`}>{modelName(data?.items ?? [], id)}</Link>
              </li>
            ))}
          </ul>
        </section>
      )}
      {item.kind === 'process' && (
        <section>
          <h2>{t('versions.uses')}</h2>
          {item.uses.length === 0 && <p className="secondary">{t('versions.usesNothing')}</p>}
          <ul>
            {[...new Map(item.uses.map((use) => [`${use.kind} ${use.id}`, use])).values()].map(({ kind, id, isDeployed }) => (
              <li key={`${kind} ${id}`}>
                <Used kind={kind} id={id} />
                {item.uses
                  .filter((use) => use.kind === kind && use.id === id)
                  .map(({ elementId }) => (
                    <code key={elementId}>{elementId}</code>
                  ))}
                {!isDeployed && <Tag color="error">{t('versions.missing')}</Tag>}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

/** A decision is part of a graph, whose page is shown. */
function Used({ kind, id }: { kind: string; id: string }) {
  const { data } = useQuery(repositoryQuery);
  const graph = data?.items.find(({ decisions }) => decisions.some(({ decisionDefinitionId }) => decisionDefinitionId === id));
  const to = kind === 'process' ? `/design/bpmn/${encodeURIComponent(id)}` : kind === 'form' ? `/design/form/${encodeURIComponent(id)}` : graph && `/design/dmn/${encodeURIComponent(graph.id)}`;
  const name = kind === 'process' ? data?.items.find((each) => each.kind === 'process' && each.id === id)?.name : graph?.decisions.find(({ decisionDefinitionId }) => decisionDefinitionId === id)?.name;
  return to ? <Link to={to}>{name ?? id}</Link> : <span>{name ?? id}</span>;
}
