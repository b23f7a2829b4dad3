/** What happened in a case, the latest first, and what may come: people's work, decisions, incidents, steps, operators' acts, comments. */
import {
  AuditOutlined,
  CheckOutlined,
  CommentOutlined,
  ExclamationOutlined,
  FieldTimeOutlined,
  FlagOutlined,
  PlayCircleOutlined,
  RightOutlined,
  ToolOutlined,
} from '@ant-design/icons';
import { Alert, Checkbox, Skeleton } from 'antd';
import type { ReactNode } from 'react';

import { useMay } from '../../api/me';
import type { Case, ExpectedStep, TimelineEntry } from '../../api/schema';
import { useStateWord } from '../../processes/States';
import { ValueView } from '../../processes/ValueView';
import { usePreference } from '../../shell/preferences';
import { DateTime } from '../../ui/DateTime';
import { Duration } from '../../ui/Duration';
import { useElementKind } from '../../ui/elementKinds';
import { EmptyState } from '../../ui/EmptyState';
import { useGroupNames, useNames } from '../../ui/names';
import { Groups } from '../../ui/Person';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { useOperationWord } from '../../processes/operations';
import styles from './CasePage.module.css';
import { CommentBox } from './CommentBox';
import { Message } from './IncidentsTab';
import { Place } from './Rows';
import { useText } from './strings';
import { isListed, told, type CaseView } from './view';

export function TimelineTab({ view }: { view: CaseView }) {
  const t = useText();
  const may = useMay();
  const [everyStep, setEveryStep] = usePreference('cases.everyStep', false);
  const { whole, instance } = view;
  const entries = whole.data ? told(whole.data.timeline, everyStep).filter((entry) => isListed(entry, view)) : [];
  const expected = whole.data?.expected.filter((step) => isListed(step, view)) ?? [];
  return (
    <>
      {may('comment:create') && <CommentBox instanceKey={instance.processInstanceKey} />}
      <Checkbox style={{ marginBottom: 12 }} checked={everyStep} onChange={({ target }) => setEveryStep(target.checked)}>
        {t('timeline.everyStep')}
      </Checkbox>
      {whole.isError && <ProblemNotice error={whole.error} retry={() => void whole.refetch()} />}
      {whole.isPending && <Skeleton active paragraph={{ rows: 6 }} title={false} />}
      {whole.data && !whole.data.isWhole && <Alert type="info" showIcon title={t('timeline.notWhole')} style={{ marginBottom: 12 }} />}
      {whole.data && entries.length + expected.length === 0 && <EmptyState title={t('timeline.none')} hint={t('timeline.noneHere')} />}
      {whole.data && (
        <ol className={styles.timeline} aria-label={t('tab.timeline')}>
          {expected.map((step) => (
            <Coming key={`${step.processInstanceKey} ${step.elementId}`} step={step} view={view} />
          ))}
          {entries.map((entry, index) => (
            <Entry key={index} entry={entry} whole={whole.data} place={entry.elementId && <EntryPlace entry={entry} view={view} />} />
          ))}
        </ol>
      )}
    </>
  );
}

function EntryPlace({ entry, view }: { entry: TimelineEntry; view: CaseView }) {
  return <Place view={view} id={entry.elementId!} instanceKey={entry.processInstanceKey} name={entry.elementName} />;
}

/** What may come next; no promise. */
function Coming({ step, view }: { step: ExpectedStep; view: CaseView }) {
  const t = useText();
  return (
    <li>
      <span className="secondary">{t(step.isCertain ? 'coming.certain' : 'coming.possible')}</span>
      <span className={styles.mark} aria-hidden>
        <FieldTimeOutlined />
      </span>
      <div className={styles.happening}>
        <Place view={view} id={step.elementId} instanceKey={step.processInstanceKey} name={step.elementName} />
        {step.candidateGroups.length > 0 && <span className="secondary"> · <Groups ids={step.candidateGroups} /></span>}
      </div>
    </li>
  );
}

export function Entry({ entry, whole, place }: { entry: TimelineEntry; whole: Case; place: ReactNode }) {
  const { tone, icon } = LOOKS[lookOf(entry)];
  return (
    <li>
      <DateTime value={entry.kind === 'user-task' || entry.kind === 'element' ? (entry.endDate ?? entry.date) : entry.date} />
      <span className={styles.mark} data-tone={tone} aria-hidden>
        {icon}
      </span>
      <div className={styles.happening}>
        <Told entry={entry} whole={whole} place={place} />
      </div>
    </li>
  );
}

/** An entry in words. */
function Told({ entry, whole, place }: { entry: TimelineEntry; whole: Case; place: ReactNode }) {
  const t = useText();
  const stateWord = useStateWord();
  const kind = useElementKind();
  const operation = useOperationWord();
  const nameOf = useNames([entry.actor, entry.assignee], { exact: true });
  const groupOf = useGroupNames(entry.candidateGroups ?? []);
  const process = whole.instances.find(({ processInstanceKey }) => processInstanceKey === entry.processInstanceKey);
  const processName = process?.processDefinitionName || process?.processDefinitionId || '';
  switch (entry.kind) {
    case 'instance-started':
      return <>{t('told.begun', { name: processName, by: nameOf(entry.actor) })}</>;
    case 'instance-ended':
      return (
        <>
          {t('told.ended', { name: processName, state: stateWord(entry.state ?? '') })}
          {entry.text && <p className="secondary">{entry.text}</p>}
        </>
      );
    case 'user-task':
      return (
        <>
          {place} · {entry.state === 'COMPLETED' && t('told.taskDone', { who: nameOf(entry.actor) })}
          {entry.state === 'TERMINATED' && t('told.taskCanceled')}
          {entry.state === 'ACTIVE' &&
            (entry.assignee ? t('told.taskAt', { who: nameOf(entry.assignee) }) : t('told.taskFor', { who: entry.candidateGroups?.map(groupOf).join(', ') || '—' }))}
          <p className="secondary small">
            {t('told.since')} <DateTime value={entry.date} /> · <Duration from={entry.date} to={entry.endDate} />
            {entry.dueDate && (
              <>
                {' · '}
                {t('tasks.due')} <DateTime value={entry.dueDate} limit={!entry.endDate} />
              </>
            )}
          </p>
          {entry.text && <p>{entry.text}</p>}
        </>
      );
    case 'incident':
      return (
        <>
          {place} · {t('told.incident')}
          {entry.text && <Message text={entry.text} />}
        </>
      );
    case 'incident-resolved':
      return (
        <>
          {place} · {t('told.resolved')}
          {entry.actor && <span className="secondary"> · {nameOf(entry.actor)}</span>}
        </>
      );
    case 'operation':
      return (
        <>
          {t('told.act', { who: nameOf(entry.actor), act: operation(entry.operationType ?? '') })}
          {entry.text && <p>{t('told.reason', { reason: entry.text })}</p>}
        </>
      );
    case 'comment':
      return (
        <>
          <strong>{nameOf(entry.actor)}</strong>
          <p style={{ whiteSpace: 'pre-wrap' }}>{entry.text}</p>
        </>
      );
    case 'timer-due':
      return (
        <>
          {place} · {t('told.timer')}
        </>
      );
    default: {
      const decisions = whole.decisions.filter(({ decisionEvaluationKey }) => entry.decisionEvaluationKeys?.includes(decisionEvaluationKey));
      return (
        <>
          {place} · <span className="secondary">{kind(entry.elementType ?? '')}</span> · {stateWord(entry.state ?? '')}
          {entry.actor && <span className="secondary"> · {nameOf(entry.actor)}</span>}
          <span className="secondary small">
            {' · '}
            <Duration from={entry.date} to={entry.endDate} />
          </span>
          {decisions.map((decision) => (
            <div key={decision.decisionEvaluationKey}>
              <span className="secondary">
                {t(decision.state === 'FAILED' ? 'told.decisionFailed' : 'told.decided', {
                  name: decision.decisionDefinitionName ?? decision.decisionDefinitionId,
                  version: decision.decisionDefinitionVersion,
                })}
              </span>{' '}
              {decision.state === 'FAILED' ? decision.evaluationFailure : <ValueView json={JSON.stringify(decision.output ?? null)} spoken />}
            </div>
          ))}
        </>
      );
    }
  }
}

type Look = 'begun' | 'ended' | 'done' | 'open' | 'bad' | 'decision' | 'step' | 'act' | 'comment';

const LOOKS: Readonly<Record<Look, { tone: string; icon: ReactNode }>> = {
  begun: { tone: 'open', icon: <PlayCircleOutlined /> },
  ended: { tone: 'good', icon: <FlagOutlined /> },
  done: { tone: 'good', icon: <CheckOutlined /> },
  open: { tone: 'open', icon: <FieldTimeOutlined /> },
  bad: { tone: 'bad', icon: <ExclamationOutlined /> },
  decision: { tone: 'good', icon: <AuditOutlined /> },
  step: { tone: 'quiet', icon: <RightOutlined /> },
  act: { tone: 'act', icon: <ToolOutlined /> },
  comment: { tone: 'quiet', icon: <CommentOutlined /> },
};

function lookOf({ kind, state, elementType, endDate }: TimelineEntry): Look {
  switch (kind) {
    case 'instance-started':
      return 'begun';
    case 'instance-ended':
      return 'ended';
    case 'user-task':
      return state === 'COMPLETED' ? 'done' : state === 'ACTIVE' ? 'open' : 'step';
    case 'decision':
      return 'decision';
    case 'incident':
      return 'bad';
    case 'incident-resolved':
      return 'done';
    case 'operation':
      return 'act';
    case 'comment':
      return 'comment';
    case 'timer-due':
      return 'open';
    case 'element':
      return elementType === 'BUSINESS_RULE_TASK' ? 'decision' : endDate ? 'step' : 'open';
  }
}
