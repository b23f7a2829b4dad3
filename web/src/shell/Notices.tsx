/** The bell: tasks that were given to somebody since they last looked. */
import { BellOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Badge, Button, Popover } from 'antd';
import { useState } from 'react';
import { Link } from 'react-router';

import { api, dataOf } from '../api/client';
import { useMe } from '../api/me';
import { useText } from '../i18n/shell';
import { DateTime } from '../ui/DateTime';
import { EmptyState } from '../ui/EmptyState';
import { ProblemNotice } from '../ui/ProblemNotice';
import { taskAddress } from './addresses';
import styles from './Notices.module.css';
import { usePreference } from './preferences';

const LIMIT = 20;

export function Notices() {
  const t = useText();
  const { username } = useMe();
  const [open, setOpen] = useState(false);
  const [seen, setSeen] = usePreference(`notices.${username}`, '');
  const found = useQuery({
    queryKey: ['post', '/v2/user-tasks/search', { notices: username }],
    queryFn: () =>
      dataOf(
        api.POST('/v2/user-tasks/search', {
          body: {
            filter: { state: 'CREATED', assignee: username },
            sort: [{ field: 'creationDate', order: 'DESC' }],
            page: { limit: LIMIT },
          },
        }),
      ),
  });
  const unseen = found.data?.items.filter(({ creationDate }) => creationDate > seen) ?? [];
  const content = (
    <div className={styles.notices}>
      {found.isError && <ProblemNotice error={found.error} retry={() => void found.refetch()} />}
      {unseen.map((task) => (
        <Link key={task.userTaskKey} to={taskAddress(task.userTaskKey)} className={styles.notice} onClick={() => setOpen(false)}>
          <span>{t('notices.task', { task: task.name ?? task.elementId })}</span>
          <span className="secondary small">
            {task.businessId} · <DateTime value={task.creationDate} show="relative" />
          </span>
        </Link>
      ))}
      {found.data && unseen.length === 0 && <EmptyState title={t('notices.none')} hint={t('notices.noneWhy')} />}
      {unseen.length > 0 && (
        <Button size="small" onClick={() => setSeen(unseen[0]!.creationDate)}>
          {t('notices.clear')}
        </Button>
      )}
    </div>
  );
  return (
    <Popover trigger="click" placement="bottomRight" title={t('notices.label')} open={open} onOpenChange={setOpen} content={content}>
      <Button
        type="text"
        aria-label={unseen.length > 0 ? t('notices.count', { count: unseen.length }) : t('notices.label')}
        icon={
          <Badge count={unseen.length} size="small" overflowCount={LIMIT - 1}>
            <BellOutlined />
          </Badge>
        }
      />
    </Popover>
  );
}
