import { describe, expect, it } from 'vitest';

import type { TimelineEntry } from '../../api/schema';
import { outcomeOf, peopleOf, stepsOf } from './timelineSteps';

const entry = (changes: Partial<TimelineEntry>): TimelineEntry => ({
  date: '2026-11-22T02:00:00Z',
  kind: 'element',
  processInstanceKey: '1',
  ...changes,
});

describe('the steps of a timeline', () => {
  it('leave out gateways, scopes, plain starts and ends, and what has not happened', () => {
    const entries = [
      entry({ kind: 'instance-started' }),
      entry({ elementType: 'EXCLUSIVE_GATEWAY' }),
      entry({ elementType: 'SUB_PROCESS' }),
      entry({ elementType: 'START_EVENT' }),
      entry({ elementType: 'BOUNDARY_EVENT', state: 'ACTIVE' }),
      entry({ elementType: 'SERVICE_TASK', elementId: 'pay' }),
      entry({ elementType: 'BOUNDARY_EVENT', state: 'COMPLETED', elementId: 'late' }),
      entry({ kind: 'user-task', elementType: 'USER_TASK' }),
      entry({ kind: 'comment', text: '已电话核实' }),
      entry({ kind: 'timer-due' }),
    ];
    expect(stepsOf(entries).map(({ kind, elementId }) => elementId ?? kind)).toEqual(['instance-started', 'pay', 'late', 'user-task', 'comment']);
  });

  it('tell how each has gone', () => {
    expect(outcomeOf(entry({ kind: 'user-task', endDate: null, state: 'ACTIVE' }))).toBe('active');
    expect(outcomeOf(entry({ kind: 'user-task', endDate: '2026-11-22T03:00:00Z', state: 'COMPLETED' }))).toBe('passed');
    expect(outcomeOf(entry({ kind: 'user-task', endDate: '2026-11-22T03:00:00Z', state: 'TERMINATED' }))).toBe('stopped');
    expect(outcomeOf(entry({ kind: 'incident' }))).toBe('incident');
    expect(outcomeOf(entry({ kind: 'comment' }))).toBe('said');
  });

  it('name who did it, who has it, or who could', () => {
    expect(peopleOf(entry({ kind: 'user-task', actor: 'li.na', assignee: 'li.na', endDate: '2026-11-22T03:00:00Z' }))).toEqual({ person: 'li.na' });
    expect(peopleOf(entry({ kind: 'user-task', actor: null, assignee: 'li.na' }))).toEqual({ person: 'li.na' });
    expect(peopleOf(entry({ kind: 'user-task', assignee: null, candidateGroups: ['finance'] }))).toEqual({ groups: ['finance'] });
    expect(peopleOf(entry({ kind: 'element', actor: 'lendloom-demo' }))).toBeNull();
  });
});
