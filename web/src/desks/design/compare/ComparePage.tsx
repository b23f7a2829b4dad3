/** Two versions of a file, or a version and a draft: in words with their values, and in the picture. */
import { useQuery } from '@tanstack/react-query';
import { Skeleton } from 'antd';
import { lazy, Suspense, useState } from 'react';
import { Link } from 'react-router';

import { api, dataOf } from '../../../api/client';
import { currentLanguage } from '../../../i18n/strings';
import { PageFrame } from '../../../ui/PageFrame';
import { ProblemNotice } from '../../../ui/ProblemNotice';
import { useUrlState } from '../../../ui/urlState';
import { contentQuery, draftQuery, kindOf, resourceQuery } from '../api';
import { useDefinitionName } from '../repository/useDefinitionName';
import { KindTag } from '../KindTag';
import { FileView } from '../repository/VersionPage';
import { useText } from '../strings';
import { ChangeList } from './ChangeList';
import styles from './Compare.module.css';
import { Legend } from './Legend';

const DiagramComparison = lazy(() => import('./DiagramComparison'));
const FormComparison = lazy(() => import('./FormComparison'));

interface Side {
  label: string;
  id: string | null;
  name: string;
  text: string;
}

export default function ComparePage() {
  const t = useText();
  const [address] = useUrlState({ old: '', new: '', draft: '' });
  const [selected, select] = useState<string | null>(null);
  const before = useSide(address.old, '');
  const after = useSide(address.new, address.draft);
  const comparison = useQuery({
    queryKey: ['compare', currentLanguage(), address, before.side?.text, after.side?.text],
    queryFn: () =>
      dataOf(
        api.POST('/v2/resources/comparison', {
          body: { old: { resourceKey: address.old }, new: address.draft ? { draftKey: address.draft } : { resourceKey: address.new } },
        }),
      ),
    enabled: before.side !== null && after.side !== null,
  });
  const error = before.error ?? after.error ?? comparison.error;
  const retry = () => {
    before.refetch();
    after.refetch();
    void comparison.refetch();
  };
  const [old, now] = [before.side, after.side];
  const nameOf = useDefinitionName();
  const kind = now && kindOf(now.name, now.text);
  const marked = Object.fromEntries(
    (comparison.data?.changes ?? []).map(({ partId, change }) => [partId, { className: `ll-diff-row ll-diff-row-${change}`, label: t(`compare.${change}`) }]),
  );
  return (
    <PageFrame
      title={t('compare.title', { name: now ? (address.draft ? now.name : nameOf(now.id ?? now.name)) : '' })}
      badge={kind && <KindTag kind={kind} />}
      below={
        old &&
        now && (
          <div style={{ display: 'flex', gap: 12 }}>
            <span className="secondary">{t('compare.between', { old: old.label, new: now.label })}</span>
            {address.draft ? (
              <Link to={`/design/drafts/${address.draft}`}>{t('compare.toDraft')}</Link>
            ) : (
              now.id !== null && <Link to={`/design/${kind ?? 'bpmn'}/${encodeURIComponent(now.id)}`}>{t('version.all')}</Link>
            )}
          </div>
        )
      }
    >
      {error && <ProblemNotice error={error} retry={retry} />}
      {!error && !comparison.data && <Skeleton active paragraph={{ rows: 8 }} />}
      {comparison.data && old && now && (
        <div className={styles.page}>
          <ChangeList comparison={comparison.data} selected={selected} onSelect={kind === 'bpmn' || kind === 'form' ? select : undefined} />
          <Suspense fallback={<Skeleton active paragraph={{ rows: 10 }} />}>
            {kind === 'bpmn' ? (
              <DiagramComparison before={{ xml: old.text, label: old.label }} after={{ xml: now.text, label: now.label }} comparison={comparison.data} selected={selected} />
            ) : kind === 'form' ? (
              <FormComparison before={old} after={now} comparison={comparison.data} selected={selected} />
            ) : (
              kind && (
                <>
                  {kind === 'dmn' && <Legend />}
                  <div className={kind === 'dmn' ? styles.tables : styles.files}>
                    {[old, now].map((side) => (
                      <section key={side.label} aria-label={side.label}>
                        <h2>{side.label}</h2>
                        <FileView kind={kind} name={side.name} text={side.text} marked={marked} />
                      </section>
                    ))}
                  </div>
                </>
              )
            )}
          </Suspense>
        </div>
      )}
    </PageFrame>
  );
}

/** A version, or a draft where there is one. */
function useSide(resourceKey: string, draftKey: string): { side: Side | null; error: unknown; refetch: () => void } {
  const t = useText();
  const isDraft = draftKey !== '';
  const draft = useQuery({ ...draftQuery(draftKey), enabled: isDraft, staleTime: 0 });
  const resource = useQuery({ ...resourceQuery(resourceKey), enabled: !isDraft && resourceKey !== '' });
  const content = useQuery({ ...contentQuery(resourceKey), enabled: !isDraft && resourceKey !== '' });
  const refetch = () => void (isDraft ? draft.refetch() : (resource.refetch(), content.refetch()));
  if (isDraft) {
    const found = draft.data;
    const side = found ? { label: t('compare.draft', { name: found.name }), id: found.definitionId, name: found.name, text: found.content } : null;
    return { side, error: draft.error, refetch };
  }
  const side =
    resource.data && content.data !== undefined
      ? { label: t('versions.number', { version: resource.data.version }), id: resource.data.resourceId, name: resource.data.resourceName, text: content.data }
      : null;
  return { side, error: resource.error ?? content.error, refetch };
}
