/** What can be done with the task, below the page and always in reach; or why nothing can be. */
import { Button, Checkbox } from 'antd';

import type { UserTask } from '../../api/schema';
import { useNarrow } from '../../ui/media';
import { exactly } from '../../ui/time';
import { useColleague } from './cells';
import { DraftState } from './DraftNotice';
import styles from './review.module.css';
import { useText } from './strings';
import type { Standing } from './taskState';
import type { Draft } from './useDraft';
import type { TaskActions } from './useTaskActions';

interface Props {
  task: UserTask;
  standing: Standing;
  draft: Draft;
  /** Of the button that completes the task. */
  caption: string;
  actions: TaskActions;
}

export function ActionBar({ task, standing, draft, caption, actions }: Props) {
  const t = useText();
  const narrow = useNarrow();
  const reason = useReason(task, standing);
  if (standing === 'mine') {
    return (
      <footer className={styles.bar}>
        <div className={styles.barNotes}>
          <DraftState draft={draft} />
          <Checkbox checked={actions.goesOn} onChange={({ target }) => actions.setGoesOn(target.checked)}>
            {t('task.next')}
          </Checkbox>
        </div>
        <div className={styles.barActions}>
          <Button onClick={actions.putBack} loading={actions.isBusy}>
            {t('release')}
          </Button>
          <Button type="primary" onClick={actions.ask} loading={actions.isSending} className={styles.main}>
            {caption}
            {!narrow && <kbd>{t('task.submitKeys')}</kbd>}
          </Button>
        </div>
      </footer>
    );
  }
  return (
    <footer className={styles.bar}>
      <div className={styles.barNotes}>{reason}</div>
      {standing === 'claimable' && (
        <div className={styles.barActions}>
          <Button type="primary" onClick={actions.take} loading={actions.isBusy} className={styles.main}>
            {t('claim')}
            {!narrow && <kbd>C</kbd>}
          </Button>
        </div>
      )}
    </footer>
  );
}

function useReason(task: UserTask, standing: Standing): string {
  const t = useText();
  const person = useColleague(standing === 'completed' ? task.completedBy : task.assignee);
  const time = task.completionDate === null ? '' : exactly(task.completionDate);
  switch (standing) {
    case 'claimable':
      return t('claim.why');
    case 'completed':
      return t('task.readOnly.completed', { person, time });
    case 'canceled':
      return t('task.readOnly.canceled', { time });
    case 'other':
      return t('task.readOnly.other', { person });
    case 'mine':
      return '';
    default:
      return t(`task.readOnly.${standing}`);
  }
}
