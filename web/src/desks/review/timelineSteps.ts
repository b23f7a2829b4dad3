/** What has happened in a case and what is expected, for its timeline. */
import type { TimelineEntry } from '../../api/schema';

export type Outcome = 'passed' | 'active' | 'stopped' | 'incident' | 'said';

/** Gateways, sequences and scopes tell nothing that the steps between them do not. */
const SILENT = /GATEWAY|SUB_PROCESS|MULTI_INSTANCE|SEQUENCE_FLOW|^BOUNDARY_EVENT$|^INTERMEDIATE_THROW_EVENT$/;

/** The entries that people read, oldest first: no gateways, no waiting boundary events, no timers to come. */
export function stepsOf(entries: readonly TimelineEntry[]): TimelineEntry[] {
  return entries.filter(({ kind, elementType, state }) => {
    if (kind === 'timer-due') return false;
    if (kind === 'instance-started' || kind === 'instance-ended') return true;
    if (kind !== 'element') return true;
    if (elementType === 'BOUNDARY_EVENT') return state === 'COMPLETED';
    return elementType != null && !SILENT.test(elementType) && !/^(START|END)_EVENT$/.test(elementType);
  });
}

export function outcomeOf({ kind, state, endDate }: TimelineEntry): Outcome {
  if (kind === 'incident') return 'incident';
  if (kind === 'comment' || kind === 'operation') return 'said';
  if (kind === 'instance-started' || kind === 'incident-resolved') return 'passed';
  if (state === 'TERMINATED' || state === 'CANCELED') return 'stopped';
  return kind === 'instance-ended' || endDate != null ? 'passed' : 'active';
}

/** Who has to do with a step: who did it, has it, or could. */
export function peopleOf({ kind, actor, assignee, candidateGroups, endDate }: TimelineEntry): { person: string } | { groups: string[] } | null {
  const isPersonal = kind !== 'element' && kind !== 'decision' && kind !== 'instance-ended';
  if (!isPersonal) return null;
  const person = kind === 'user-task' && endDate == null ? assignee : (actor ?? assignee);
  if (person) return { person };
  return candidateGroups && candidateGroups.length > 0 ? { groups: candidateGroups } : null;
}
