/** What people say about a case. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Button, Input, Skeleton } from 'antd';

import { api, query } from '../../api/client';
import { refresh } from '../../api/live';
import { useMay } from '../../api/me';
import type { UserTask } from '../../api/schema';
import { usePreference } from '../../shell/preferences';
import { DateTime } from '../../ui/DateTime';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { Colleague } from './cells';
import styles from './review.module.css';
import { useText } from './strings';

const LONGEST = 4_000;

export function Comments({ task }: { task: UserTask }) {
  const t = useText();
  const may = useMay();
  const found = query.useQuery('post', '/v2/process-instances/{key}/comments/search', {
    params: { path: { key: task.processInstanceKey } },
    body: { sort: [{ field: 'creationDate', order: 'DESC' }], page: { limit: 200 } },
  });
  return (
    <section className={styles.panel} aria-label={t('task.comments')}>
      <h2>{t('task.comments')}</h2>
      {may('comment:create') && <Composer task={task} />}
      {found.isPending && <Skeleton active title={false} paragraph={{ rows: 2 }} />}
      {found.isError && !found.data && <ProblemNotice error={found.error} retry={() => void found.refetch()} />}
      {found.data?.items.length === 0 && <p className="secondary">{t('comments.none')}</p>}
      <ul className={styles.comments}>
        {found.data?.items.map(({ commentKey, author, creationDate, text }) => (
          <li key={commentKey}>
            <div>
              <strong>
                <Colleague username={author} />
              </strong>{' '}
              <span className="secondary small">
                <DateTime value={creationDate} show="relative" />
              </span>
            </div>
            <div className={styles.words}>{text}</div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Composer({ task }: { task: UserTask }) {
  const t = useText();
  const cache = useQueryClient();
  // As on the page of the case: what was begun on one is gone on with on the other.
  const [text, setText] = usePreference(`cases.comment.${task.processInstanceKey}`, '');
  const send = useMutation({
    mutationFn: () =>
      api.POST('/v2/process-instances/{key}/comments', {
        params: { path: { key: task.processInstanceKey } },
        body: { text: text.trim(), userTaskKey: task.userTaskKey },
      }),
    onSuccess: () => {
      setText(undefined);
      refresh(cache, ['comment']);
    },
  });
  const isEmpty = text.trim() === '';
  return (
    <div className={styles.composer}>
      <Input.TextArea
        aria-label={t('comments.write')}
        placeholder={t('comments.write')}
        autoSize={{ minRows: 2, maxRows: 8 }}
        maxLength={LONGEST}
        value={text}
        onChange={({ target }) => setText(target.value === '' ? undefined : target.value)}
        onKeyDown={(event) => {
          if (event.key !== 'Enter' || !(event.ctrlKey || event.metaKey)) return;
          // Here it is the comment that is sent, not the task.
          event.preventDefault();
          if (!isEmpty && !send.isPending) send.mutate();
        }}
      />
      {send.isError && <ProblemNotice error={send.error} />}
      <div className={styles.row}>
        <span className="secondary small">{t('comments.hint')}</span>
        <Button disabled={isEmpty} loading={send.isPending} onClick={() => send.mutate()}>
          {t('comments.send')}
        </Button>
      </div>
    </div>
  );
}
