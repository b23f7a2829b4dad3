/** A published version as it is, only to be looked at. */
import { DownloadOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Skeleton } from 'antd';
import { Suspense } from 'react';
import { Link, useParams } from 'react-router';

import { FormView } from '../../../ui/lazyForm';
import { Diagram } from '../../../ui/lazyDiagram';
import { DecisionTableView } from '../../../ui/DecisionTableView';
import { PageFrame } from '../../../ui/PageFrame';
import { ProblemNotice } from '../../../ui/ProblemNotice';
import { contentQuery, kindOf, resourceQuery, type Kind } from '../api';
import { decisionsOf } from '../dmn/decisionInputs';
import { download } from '../draft/download';
import { KindTag } from '../KindTag';
import { useText } from '../strings';
import { useDefinitionName } from './useDefinitionName';

const NOTHING = {};

export default function VersionPage() {
  const t = useText();
  const { resourceKey = '' } = useParams();
  const nameOf = useDefinitionName();
  const resource = useQuery(resourceQuery(resourceKey));
  const content = useQuery(contentQuery(resourceKey));
  const error = resource.error ?? content.error;
  if (error) {
    return (
      <PageFrame title={t('versions.view')}>
        <ProblemNotice error={error} retry={() => void (resource.refetch(), content.refetch())} />
      </PageFrame>
    );
  }
  if (!resource.data || content.data === undefined) {
    return (
      <PageFrame title={t('versions.view')}>
        <Skeleton active />
      </PageFrame>
    );
  }
  const { resourceId, resourceName, version } = resource.data;
  const text = content.data;
  const kind = kindOf(resourceName, text) ?? 'bpmn';
  return (
    <PageFrame
      title={t('version.title', { name: nameOf(resourceId), version })}
      badge={
        <>
          <KindTag kind={kind} />
          <Link to={`/design/${kind}/${encodeURIComponent(resourceId)}`}>{t('version.all')}</Link>
        </>
      }
      actions={
        <Button icon={<DownloadOutlined />} onClick={() => download(new File([text], resourceName))}>
          {t('action.export')}
        </Button>
      }
    >
      <Suspense fallback={<Skeleton active paragraph={{ rows: 10 }} />}>
        <FileView kind={kind} name={resourceId} text={text} />
      </Suspense>
    </PageFrame>
  );
}

interface FileViewProps {
  kind: Kind;
  name: string;
  text: string;
  /** Rules of decision tables that stand out. */
  marked?: Readonly<Record<string, { className: string; label: string }>>;
}

export function FileView({ kind, name, text, marked }: FileViewProps) {
  if (kind === 'bpmn') return <Diagram xml={text} name={name} height="calc(100dvh - 220px)" />;
  if (kind === 'form') return <FormView schema={text} data={NOTHING} readOnly />;
  if (kind === 'scenario') return <pre>{text}</pre>;
  return (
    <>
      {decisionsOf(text).map((decision) => (
        <section key={decision.id}>
          <h2 style={{ fontSize: 16, margin: '8px 0' }}>
            {decision.name} <code>{decision.id}</code>
          </h2>
          <DecisionTableView xml={text} decisionId={decision.id} {...(marked && { marked })} />
        </section>
      ))}
    </>
  );
}
