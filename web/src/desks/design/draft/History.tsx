/** The last contents of a draft; any of them can be taken up again in a draft of its own. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Skeleton } from 'antd';
import { useNavigate } from 'react-router';

import { api, dataOf } from '../../../api/client';
import { DateTime } from '../../../ui/DateTime';
import { Person } from '../../../ui/Person';
import { ProblemNotice } from '../../../ui/ProblemNotice';
import { exactly } from '../../../ui/time';
import { useText } from '../strings';
import styles from './History.module.css';
import type { SideProps } from './SidePanel';

export default function History({ draft }: SideProps) {
  const t = useText();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const path = { key: draft.draftKey };
  const revisions = useQuery({
    queryKey: ['post', '/v2/drafts/{key}/revisions/search', draft.draftKey],
    queryFn: () =>
      dataOf(api.POST('/v2/drafts/{key}/revisions/search', { params: { path }, body: { sort: [{ field: 'revision', order: 'DESC' }] } })),
    staleTime: 0,
  });
  const takeUp = useMutation({
    mutationFn: async ({ revision, savedAt }: { revision: number; savedAt: string }) => {
      const { content } = await dataOf(api.GET('/v2/drafts/{key}/revisions/{revision}', { params: { path: { ...path, revision: String(revision) } } }));
      const { kind, definitionId, baseResourceKey } = draft;
      const name = t('history.copyName', { name: draft.name, time: exactly(savedAt, { short: true }) });
      return dataOf(api.POST('/v2/drafts', { body: { name, kind, definitionId, baseResourceKey, content } }));
    },
    onSuccess: (made) => {
      void cache.invalidateQueries({ queryKey: ['post', '/v2/drafts/search'] });
      void navigate(`/design/drafts/${made.draftKey}`);
    },
  });
  if (revisions.isError) return <ProblemNotice error={revisions.error} retry={() => void revisions.refetch()} />;
  if (!revisions.data) return <Skeleton active />;
  return (
    <>
      <p className="secondary">{t('history.text')}</p>
      {takeUp.isError && <ProblemNotice error={takeUp.error} />}
      <ol className={styles.list}>
        {revisions.data.items.map(({ revision, savedAt, savedBy }) => (
          <li key={revision}>
            <span>
              <DateTime value={savedAt} show="both" />{' '}
              <span className="secondary">
                <Person username={savedBy} />
              </span>
            </span>
            <Button size="small" loading={takeUp.isPending && takeUp.variables?.revision === revision} onClick={() => takeUp.mutate({ revision, savedAt })}>
              {t('history.takeUp')}
            </Button>
          </li>
        ))}
      </ol>
    </>
  );
}
