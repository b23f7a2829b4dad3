/** What stands in the lists of the desk: people, time limits, priorities, what has become of a task. */
import { ClockCircleOutlined, WarningFilled } from '@ant-design/icons';

import { useMe } from '../../api/me';
import type { UserTask } from '../../api/schema';
import { useNow } from '../../ui/DateTime';
import { useDuration } from '../../ui/Duration';
import { useNames } from '../../ui/names';
import { Person } from '../../ui/Person';
import { exactly } from '../../ui/time';
import { isIn, rankOf, urgencyOf, type Box } from './boxes';
import styles from './review.module.css';
import { useText } from './strings';

/** Who works on it: "me", a name, or that nobody has taken it. */
export function Colleague({ username, exact = false }: { username: string | null; exact?: boolean }) {
  const t = useText();
  const me = useMe();
  if (username === null) return <span className="secondary">{t('unassigned')}</span>;
  return username === me.username ? <>{t('me')}</> : <Person username={username} exact={exact} />;
}

/** The same for sentences. */
export function useColleague(username: string | null): string {
  const t = useText();
  const me = useMe();
  const nameOf = useNames([username]);
  return username === me.username ? t('me') : nameOf(username);
}

/** A time limit by what is left of it, in colour and in words. */
export function Due({ dueDate, isOpen = true }: { dueDate: string | null; isOpen?: boolean }) {
  const t = useText();
  const now = useNow();
  const say = useDuration();
  if (dueDate === null) return <span className="secondary">{t('due.none')}</span>;
  if (!isOpen) return <span className="tabular">{exactly(dueDate, { short: true })}</span>;
  const urgency = urgencyOf(dueDate, now);
  const time = say(Date.parse(dueDate) - now);
  const content = urgency === 'overdue' ? t('due.overdue', { time }) : t('due.left', { time });
  return (
    <time dateTime={dueDate} title={exactly(dueDate, { seconds: true })} className={`tabular ${styles[urgency]}`}>
      {urgency === 'overdue' && <WarningFilled aria-hidden />}
      {urgency === 'soon' && <ClockCircleOutlined aria-hidden />}
      {content}
    </time>
  );
}

export function Priority({ value }: { value: number }) {
  const t = useText();
  const rank = rankOf(value);
  return (
    <span className={rank === 'high' ? styles.high : rank === 'low' ? 'secondary' : undefined} title={String(value)}>
      {t(`priority.${rank}`)}
    </span>
  );
}

/** What has become of a task since the list was read, where it is no longer in its box. */
export function Became({ task, box }: { task: UserTask; box: Box }) {
  const t = useText();
  const me = useMe();
  const person = useColleague(task.assignee);
  if (isIn(box, task, me.username)) return null;
  const sentence =
    task.state === 'COMPLETED'
      ? t('news.completed')
      : task.state !== 'CREATED' || task.assignee === null
        ? t('news.gone')
        : task.assignee === me.username
          ? t('news.mine')
          : t('news.taken', { person });
  return <span className={styles.became}>{sentence}</span>;
}
