/** The page of a task that has been read: facts above, tabs, and the bar with what can be done below. */
import { useMemo, useRef, useState } from 'react';
import { useNavigate } from 'react-router';

import { useMay, useMe } from '../../api/me';
import type { Form, UserTask, UserTaskDraft } from '../../api/schema';
import { useShortcutHelp } from '../../shell/shortcutHelp';
import { PageFrame } from '../../ui/PageFrame';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { isDialogOpen, useShortcuts } from '../../ui/shortcuts';
import { useUrlState } from '../../ui/urlState';
import { ActionBar } from './ActionBar';
import { beginApproving } from './approve';
import { CaseFacts } from './CaseFacts';
import { Comments } from './Comments';
import { Confirm } from './Confirm';
import { Decisions } from './Decisions';
import { Restored } from './DraftNotice';
import { fieldsOf, submitCaption } from './formFields';
import { LostRace } from './LostRace';
import { Progress } from './Progress';
import styles from './review.module.css';
import { useText } from './strings';
import { Tabs } from './Tabs';
import type { Variables } from './taskCase';
import { TaskForm } from './TaskForm';
import { TaskHeader } from './TaskHeader';
import { Back } from './TaskPage';
import { standingOf } from './taskState';
import { Timeline } from './Timeline';
import { useDraft, type Draft } from './useDraft';
import { useTaskActions, type TaskActions } from './useTaskActions';

const TABS = ['work', 'facts', 'decisions', 'timeline', 'progress'] as const;
type Tab = (typeof TABS)[number];

interface Props {
  task: UserTask;
  form: Form | null;
  /** As they are when the page is opened; the form begins with them. */
  variables: Variables;
  kept: UserTaskDraft | null;
  back: string;
}

export function TaskView({ task, form, variables, kept, back }: Props) {
  const t = useText();
  const navigate = useNavigate();
  const standing = standingOf(task, useMe(), useMay());
  const [{ tab }, setTab] = useUrlState({ tab: 'work' });
  const show = (chosen: string) => setTab({ tab: chosen });
  const page = useRef<HTMLDivElement>(null);
  const draft = useDraft(task.userTaskKey, kept);
  const actions = useTaskActions({ task, form, draft, back, showForm: () => show('work') });
  const caption = submitCaption(form?.schema) ?? t('task.submit');
  useShortcuts({
    ...(standing === 'claimable' && { c: actions.take }),
    ...(standing === 'mine' && {
      a: () => {
        const begin = () => beginApproving(page.current, form?.schema);
        if (tab === 'work') return begin();
        show('work');
        requestAnimationFrame(begin);
      },
      'Control+Enter': () => (actions.asked !== null ? actions.send() : isDialogOpen() || actions.ask()),
    }),
    u: () => void navigate(back),
    ...Object.fromEntries(TABS.map((each, index) => [String(index + 1), () => show(each)])),
  });
  useShortcutHelp({
    title: t('keys.title'),
    keys: [
      ['c', t('claim')],
      ['a', t('keys.approve')],
      ['Ctrl Enter', t('keys.submit')],
      ['1 … 5', t('keys.tabs')],
      ['u', t('keys.back')],
    ],
  });
  const contents: Record<Tab, React.ReactNode> = {
    work: <Work task={task} form={form} variables={variables} kept={kept} draft={draft} actions={actions} readOnly={standing !== 'mine'} />,
    facts: <CaseFacts task={task} />,
    decisions: <Decisions task={task} />,
    timeline: <Timeline task={task} />,
    progress: <Progress task={task} />,
  };
  return (
    <div className={styles.task} ref={page}>
      <div className={styles.taskScroll}>
        <PageFrame title={task.name ?? task.elementId} actions={<Back to={back} />} below={<TaskHeader task={task} />}>
          {actions.lost !== null && <LostRace error={actions.lost} back={back} onNext={() => void actions.goOn(true)} />}
          {actions.failure !== null && <ProblemNotice error={actions.failure} />}
          {actions.problem && !actions.problem.isConflict && actions.asked === null && <ProblemNotice error={actions.problem} title={t('task.refused')} />}
          <Tabs
            label={task.name ?? task.elementId}
            active={TABS.find((each) => each === tab) ?? 'work'}
            onChange={show}
            tabs={TABS.map((key) => ({ key, label: t(`task.tab.${key}`), content: contents[key] }))}
          />
        </PageFrame>
      </div>
      <ActionBar task={task} standing={standing} draft={draft} caption={caption} actions={actions} />
      <Confirm
        data={actions.asked}
        fields={fieldsOf(form?.schema)}
        title={t('task.confirm')}
        why={t('task.confirmWhy')}
        caption={caption}
        pending={actions.isSending}
        error={actions.problem}
        onConfirm={actions.send}
        onCancel={actions.cancel}
      />
    </div>
  );
}

interface WorkProps extends Omit<Props, 'back'> {
  draft: Draft;
  actions: TaskActions;
  readOnly: boolean;
}

function Work({ task, form, variables, kept, draft, actions, readOnly }: WorkProps) {
  const t = useText();
  const [begun] = useState(variables);
  const initial = useMemo(() => ({ ...begun, ...kept?.variables }), [begun, kept]);
  const isRestored = kept !== null && !readOnly && draft.savedAt === kept.savedAt && draft.status === 'saved';
  return (
    <div className={styles.work}>
      <section className={styles.panel} aria-label={t('task.tab.work')}>
        {isRestored && <Restored draft={draft} />}
        {form ? (
          <TaskForm ref={actions.handle} form={form} initial={initial} readOnly={readOnly} errors={actions.fieldErrors} onChange={draft.change} />
        ) : (
          <p>{t('task.noForm')}</p>
        )}
      </section>
      <Comments task={task} />
    </div>
  );
}
