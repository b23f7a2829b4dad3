/** States and kinds of errors in words, never by colour alone. */
import {
  CheckCircleOutlined,
  ClockCircleOutlined,
  ExclamationCircleOutlined,
  PauseCircleOutlined,
  PlayCircleOutlined,
  StopOutlined,
} from '@ant-design/icons';
import { Tag } from 'antd';
import type { ReactNode } from 'react';

import { useText, type Key } from './strings';
import zh from './strings.zh';

type Tone = 'active' | 'good' | 'bad' | 'held' | 'quiet' | 'open';

const TONES: Readonly<Record<string, Tone>> = {
  ACTIVE: 'active',
  COMPLETED: 'good',
  RESOLVED: 'good',
  EVALUATED: 'good',
  INCIDENT: 'bad',
  FAILED: 'bad',
  ERROR_THROWN: 'bad',
  PARTIALLY_COMPLETED: 'bad',
  SUSPENDED: 'held',
  TIMED_OUT: 'held',
  CREATED: 'open',
};
const LOOKS: Readonly<Record<Tone, { colour: string; surface: string; icon: ReactNode }>> = {
  active: { colour: 'var(--ll-info)', surface: 'var(--ll-info-surface)', icon: <PlayCircleOutlined /> },
  good: { colour: 'var(--ll-success)', surface: 'var(--ll-success-surface)', icon: <CheckCircleOutlined /> },
  bad: { colour: 'var(--ll-error)', surface: 'var(--ll-error-surface)', icon: <ExclamationCircleOutlined /> },
  held: { colour: 'var(--ll-warning)', surface: 'var(--ll-warning-surface)', icon: <PauseCircleOutlined /> },
  quiet: { colour: 'var(--ll-text-secondary)', surface: 'var(--ll-page)', icon: <StopOutlined /> },
  open: { colour: 'var(--ll-info)', surface: 'var(--ll-info-surface)', icon: <ClockCircleOutlined /> },
};

/** A state of an instance, job, incident, batch or one of its items. */
export function StateTag({ state }: { state: string }) {
  const word = useStateWord();
  const { colour, surface, icon } = LOOKS[TONES[state] ?? 'quiet'];
  return (
    <Tag icon={icon} style={{ color: colour, background: surface, borderColor: 'transparent', marginInlineEnd: 0 }}>
      {word(state)}
    </Tag>
  );
}

/** An instance's state, and whether it has incidents. */
export function InstanceState({ instance }: { instance: { state: string; hasIncident: boolean } }) {
  return (
    <span style={{ display: 'inline-flex', gap: 4 }}>
      {instance.hasIncident && <StateTag state="INCIDENT" />}
      {!(instance.hasIncident && instance.state === 'ACTIVE') && <StateTag state={instance.state} />}
    </span>
  );
}

export function useStateWord(): (state: string) => string {
  const t = useText();
  return (state) => (`state.${state}` in zh ? t(`state.${state}` as Key) : state);
}

/** `JOB_NO_RETRIES` in words. */
export function useErrorWord(): (errorType: string) => string {
  const t = useText();
  return (errorType) => t((`error.${errorType}` in zh ? `error.${errorType}` : 'error.UNKNOWN') as Key);
}
