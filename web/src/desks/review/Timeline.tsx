/** How the case came here: each step with who did it, when, and how long it took. */
import { CheckCircleFilled, ClockCircleFilled, MinusCircleFilled, WarningFilled } from '@ant-design/icons';
import { Skeleton, Timeline as Line } from 'antd';

import { query } from '../../api/client';
import type { UserTask } from '../../api/schema';
import { DateTime } from '../../ui/DateTime';
import { useDuration } from '../../ui/Duration';
import { useNow } from '../../ui/DateTime';
import { useElementKind } from '../../ui/elementKinds';
import { EmptyState } from '../../ui/EmptyState';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { Person } from './cells';
import styles from './review.module.css';
import { useText } from './strings';
import { stepsOf, type Step } from './timelineSteps';

export function Timeline({ task }: { task: UserTask }) {
  const t = useText();
  const found = query.useQuery('post', '/v2/element-instances/search', {
    body: {
      filter: { processInstanceKey: task.processInstanceKey },
      sort: [{ field: 'startDate', order: 'DESC' }],
      page: { limit: 1000 },
    },
  });
  if (found.isPending) return <Skeleton active />;
  if (!found.data) return <ProblemNotice error={found.error} retry={() => void found.refetch()} />;
  const steps = stepsOf(found.data.items);
  if (steps.length === 0) return <EmptyState title={t('timeline.none')} />;
  return (
    <div className={styles.panel}>
      <Line items={steps.map((step) => ({ key: step.key, icon: <Mark step={step} />, content: <Entry step={step} /> }))} />
    </div>
  );
}

function Mark({ step: { state, hasIncident } }: { step: Step }) {
  if (hasIncident) return <WarningFilled className={styles.overdue} aria-hidden />;
  if (state === 'active') return <ClockCircleFilled className={styles.active} aria-hidden />;
  if (state === 'terminated') return <MinusCircleFilled className="secondary" aria-hidden />;
  return <CheckCircleFilled className={styles.passed} aria-hidden />;
}

function Entry({ step }: { step: Step }) {
  const t = useText();
  const say = useDuration();
  const now = useNow();
  const kind = useElementKind();
  const time = say((step.to === null ? now : Date.parse(step.to)) - Date.parse(step.from));
  return (
    <div>
      <div className={styles.cardLine}>
        <strong>{step.name}</strong>
        <span className="secondary small">{kind(step.type)}</span>
        <span className="secondary small">
          <DateTime value={step.to ?? step.from} />
        </span>
      </div>
      <div className="secondary">
        {step.person !== null && (
          <>
            <Person name={step.person} /> ·{' '}
          </>
        )}
        {t(step.state === 'active' ? 'timeline.waiting' : 'timeline.took', { time })}
        {step.hasIncident && ` · ${t('state.incident')}`}
      </div>
    </div>
  );
}
