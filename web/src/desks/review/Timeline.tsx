/** How the case came here, step by step with people and durations, and which steps may come. */
import { CheckCircleFilled, ClockCircleFilled, MessageFilled, MinusCircleFilled, QuestionCircleOutlined, WarningFilled } from '@ant-design/icons';
import { Skeleton, Timeline as Line } from 'antd';

import { query } from '../../api/client';
import type { ExpectedStep, TimelineEntry, UserTask } from '../../api/schema';
import { useOperationWord } from '../../processes/operations';
import { DateTime, useNow } from '../../ui/DateTime';
import { useDuration } from '../../ui/Duration';
import { useElementKind } from '../../ui/elementKinds';
import { useGroupNames } from '../../ui/names';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { exactly } from '../../ui/time';
import { Colleague } from './cells';
import styles from './review.module.css';
import { useText } from './strings';
import { outcomeOf, peopleOf, stepsOf, type Outcome } from './timelineSteps';

export function Timeline({ task }: { task: UserTask }) {
  const t = useText();
  const found = query.useQuery('get', '/v2/process-instances/{key}/case', { params: { path: { key: task.processInstanceKey } } });
  if (found.isPending) return <Skeleton active />;
  if (!found.data) return <ProblemNotice error={found.error} retry={() => void found.refetch()} />;
  const { timeline, expected } = found.data;
  const steps = stepsOf(timeline).map((entry, index) => ({
    key: `${index} ${entry.date}`,
    icon: <Mark outcome={outcomeOf(entry)} />,
    content: <Entry entry={entry} />,
  }));
  const future = expected.map((step) => ({
    key: `${step.processInstanceKey} ${step.elementId}`,
    icon: <QuestionCircleOutlined className="secondary" aria-hidden />,
    content: <Expected step={step} />,
  }));
  return (
    <section className={styles.panel} aria-label={t('task.tab.timeline')}>
      <Line items={steps} />
      {future.length > 0 && (
        <>
          <h2>{t('timeline.future')}</h2>
          <Line items={future} />
        </>
      )}
    </section>
  );
}

const MARKS: Readonly<Record<Outcome, React.ReactNode>> = {
  passed: <CheckCircleFilled className={styles.passed} aria-hidden />,
  active: <ClockCircleFilled className={styles.active} aria-hidden />,
  stopped: <MinusCircleFilled className="secondary" aria-hidden />,
  incident: <WarningFilled className={styles.overdue} aria-hidden />,
  said: <MessageFilled className="secondary" aria-hidden />,
};

const Mark = ({ outcome }: { outcome: Outcome }) => MARKS[outcome];

function Entry({ entry }: { entry: TimelineEntry }) {
  const t = useText();
  const { kind, text, dueDate, endDate } = entry;
  const people = peopleOf(entry);
  const groupOf = useGroupNames(people && 'groups' in people ? people.groups : []);
  return (
    <div>
      <div className={styles.stepLine}>
        <strong>
          <Name entry={entry} />
        </strong>
        {people && 'person' in people && <Colleague username={people.person} exact />}
        {people && 'groups' in people && <span className="secondary">{t('timeline.candidates', { who: people.groups.map(groupOf).join(', ') })}</span>}
        <span className="secondary small">
          <DateTime value={endDate ?? entry.date} />
          <Took entry={entry} />
        </span>
        {kind === 'user-task' && !endDate && dueDate && (
          <span className="secondary small">{t('timeline.due', { time: exactly(dueDate, { short: true }) })}</span>
        )}
      </div>
      {text && <div className={`${styles.words} ${kind === 'incident' ? styles.incident : ''}`}>{text}</div>}
    </div>
  );
}

function Name({ entry: { kind, elementName, elementId, operationType, state } }: { entry: TimelineEntry }) {
  const t = useText();
  const operation = useOperationWord();
  const name = elementName ?? elementId ?? '';
  switch (kind) {
    case 'instance-started':
    case 'incident-resolved':
      return <>{t(`timeline.${kind}`, { name })}</>;
    case 'incident':
      return <>{t('timeline.incident', { name })}</>;
    case 'instance-ended':
      return <>{t(state === 'COMPLETED' ? 'timeline.ended' : 'timeline.stopped', { name })}</>;
    case 'comment':
      return <>{t('timeline.comment')}</>;
    case 'operation':
      return <>{t('timeline.operation', { name: operation(operationType ?? '') })}</>;
    default:
      return <>{name}</>;
  }
}

/** How long a step took or has been waiting; nothing for what happens at once. */
function Took({ entry }: { entry: TimelineEntry }) {
  const t = useText();
  const say = useDuration();
  const now = useNow();
  if (entry.kind !== 'user-task' && entry.kind !== 'element') return null;
  const milliseconds = (entry.endDate ? Date.parse(entry.endDate) : now) - Date.parse(entry.date);
  if (milliseconds < 1000) return null;
  return <> · {t(entry.endDate ? 'timeline.took' : 'timeline.waiting', { time: say(milliseconds) })}</>;
}

function Expected({ step: { elementName, type, isCertain, candidateGroups } }: { step: ExpectedStep }) {
  const t = useText();
  const kind = useElementKind();
  const groupOf = useGroupNames(candidateGroups);
  return (
    <div className={styles.stepLine}>
      <span>{elementName}</span>
      {type !== 'USER_TASK' && <span className="secondary small">{kind(type)}</span>}
      {candidateGroups.length > 0 && <span className="secondary">{t('timeline.candidates', { who: candidateGroups.map(groupOf).join(', ') })}</span>}
      {!isCertain && <span className="secondary small">{t('timeline.maybe')}</span>}
    </div>
  );
}
