/** The bell: what concerns somebody and happened lately; what is new since they last looked is marked. */
import { BellOutlined } from '@ant-design/icons';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Badge, Button, Popover } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';

import { api, dataOf } from '../api/client';
import { may, useMe, type Me } from '../api/me';
import type { Notice } from '../api/schema';
import { useText } from '../i18n/shell';
import { useErrorWord } from '../processes/States';
import { DateTime } from '../ui/DateTime';
import { EmptyState } from '../ui/EmptyState';
import { useNames } from '../ui/names';
import { ProblemNotice } from '../ui/ProblemNotice';
import { caseAddress } from './addresses';
import { taskPlace } from './desks';
import styles from './Notices.module.css';

const PATH = '/v2/notices';
/** The server tells of so many at most: the number that is seen is the one that is read out. */
const MOST = 50;

export function Notices() {
  const t = useText();
  const cache = useQueryClient();
  const [open, setOpen] = useState(false);
  /** Up to when everything had been seen before this look. */
  const [seenBefore, setSeenBefore] = useState<string | null>(null);
  const found = useQuery({ queryKey: ['get', PATH], queryFn: () => dataOf(api.GET(PATH)) });
  const items = found.data?.items ?? [];
  const newCount = open ? 0 : (found.data?.newCount ?? 0);
  const look = (wanted: boolean) => {
    setOpen(wanted);
    if (wanted) setSeenBefore(found.data?.seenDate ?? null);
    const newest = items[0];
    if (newest === undefined || found.data!.newCount === 0) return;
    void api
      .POST('/v2/notices/seen', { body: { until: newest.date } })
      .then(() => cache.invalidateQueries({ queryKey: ['get', PATH] }))
      // Seen or not is of no consequence; the next look tries again.
      .catch(() => undefined);
  };
  return (
    <Popover
      trigger="click"
      placement="bottomRight"
      title={t('notices.label')}
      open={open}
      onOpenChange={look}
      content={
        <div className={styles.notices}>
          {found.isError && <ProblemNotice error={found.error} retry={() => void found.refetch()} />}
          {found.data && items.length === 0 && <EmptyState title={t('notices.none')} hint={t('notices.noneWhy')} />}
          {items.map((notice) => (
            <Entry
              key={`${notice.kind} ${notice.key}`}
              notice={notice}
              isNew={seenBefore === null || notice.date > seenBefore}
              onFollow={() => look(false)}
            />
          ))}
        </div>
      }
    >
      <Button
        type="text"
        aria-label={newCount > 0 ? t('notices.count', { count: newCount }) : t('notices.label')}
        icon={
          <Badge count={newCount} size="small" overflowCount={MOST}>
            <BellOutlined />
          </Badge>
        }
      />
    </Popover>
  );
}

function Entry({ notice, isNew, onFollow }: { notice: Notice; isNew: boolean; onFollow: () => void }) {
  const t = useText();
  const me = useMe();
  const sentence = useSentence(notice);
  const about = [notice.businessId, notice.applicant].filter(Boolean).join(' · ');
  return (
    <Link to={addressOf(notice, me)} className={styles.notice} onClick={onFollow}>
      <span className={isNew ? styles.new : undefined}>
        {isNew && <span className="visually-hidden">{t('notices.new')} </span>}
        {sentence}
      </span>
      <span className="secondary small">
        {about} {about && '·'} <DateTime value={notice.date} show="relative" />
      </span>
    </Link>
  );
}

/** What has happened, in a sentence. */
function useSentence({ kind, title, actor }: Notice): string {
  const t = useText();
  const errorWord = useErrorWord();
  const isAct = kind === 'task-assigned' || kind === 'comment';
  const nameOf = useNames(isAct ? [actor] : []);
  switch (kind) {
    case 'task-assigned':
      return actor === null ? t('notices.assigned', { title }) : t('notices.assignedBy', { title, actor: nameOf(actor) });
    case 'task-claimable':
      return t('notices.claimable', { title });
    case 'task-overdue':
      return t('notices.overdue', { title });
    case 'case-ended':
      return t(actor === 'COMPLETED' ? 'notices.completed' : 'notices.terminated', { title });
    case 'comment':
      return t('notices.comment', { title, actor: nameOf(actor) });
    case 'incident':
      return t('notices.incident', { title: errorWord(title ?? '') });
  }
}

function addressOf({ kind, key, processInstanceKey }: Notice, me: Me): string {
  if (kind.startsWith('task-')) return taskPlace(me, key, processInstanceKey);
  if (kind === 'incident') return `${caseAddress(processInstanceKey)}?tab=incidents`;
  return may(me, 'process-instance:read') ? caseAddress(processInstanceKey) : '/';
}
