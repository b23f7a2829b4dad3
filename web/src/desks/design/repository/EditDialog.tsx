/** Begins to edit a published definition: in a draft that is there already, or in a new one. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Button, Modal, Skeleton } from 'antd';
import { useEffect, useRef } from 'react';
import { useNavigate } from 'react-router';

import { api, dataOf } from '../../../api/client';
import type { ListedVersion } from '../../../api/schema';
import { DateTime } from '../../../ui/DateTime';
import { Person } from '../../../ui/Person';
import { ProblemNotice } from '../../../ui/ProblemNotice';
import { contentQuery, type Kind } from '../api';
import { useText } from '../strings';
import styles from '../draft/History.module.css';

interface Props {
  kind: Kind;
  definitionId: string;
  name: string;
  latest: ListedVersion;
  onClose: () => void;
}

export function EditDialog({ kind, definitionId, name, latest, onClose }: Props) {
  const t = useText();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const filter = { kind, definitionId };
  const drafts = useQuery({
    queryKey: ['post', '/v2/drafts/search', filter],
    queryFn: () => dataOf(api.POST('/v2/drafts/search', { body: { filter, sort: [{ field: 'changeDate', order: 'DESC' }] } })),
    staleTime: 0,
  });
  const begin = useMutation({
    mutationFn: async () => {
      const content = await cache.fetchQuery(contentQuery(latest.resourceKey));
      return dataOf(api.POST('/v2/drafts', { body: { name, kind, definitionId, baseResourceKey: latest.resourceKey, content } }));
    },
    onSuccess: ({ draftKey }) => {
      void cache.invalidateQueries({ queryKey: ['post', '/v2/drafts/search'] });
      void navigate(`/design/drafts/${draftKey}`);
    },
  });
  const { mutate } = begin;
  const none = drafts.data?.items.length === 0;
  const begun = useRef(false);
  useEffect(() => {
    if (!none || begun.current) return;
    begun.current = true;
    mutate();
  }, [none, mutate]);
  if (none && !begin.isError) return null;
  return (
    <Modal
      open
      title={t('edit.title', { name })}
      okText={t('edit.begin')}
      cancelText={t('publish.cancel')}
      okButtonProps={{ disabled: !drafts.data }}
      confirmLoading={begin.isPending}
      onOk={() => mutate()}
      onCancel={onClose}
    >
      {drafts.isError && <ProblemNotice error={drafts.error} retry={() => void drafts.refetch()} />}
      {begin.isError && <ProblemNotice error={begin.error} />}
      {drafts.isPending && <Skeleton active title={false} />}
      {drafts.data && drafts.data.items.length > 0 && (
        <>
          <p>{t('edit.text')}</p>
          <ul className={styles.list}>
            {drafts.data.items.map((draft) => (
              <li key={draft.draftKey}>
                <span>
                  {draft.name} <span className="secondary">
                    <Person username={draft.changedBy} />
                  </span>{' '}
                  <DateTime value={draft.changeDate} />
                </span>
                <Button size="small" onClick={() => void navigate(`/design/drafts/${draft.draftKey}`)}>
                  {t('edit.open')}
                </Button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Modal>
  );
}
