/** What has happened in a case, step by step, for its timeline. */
import type { ElementInstance } from '../../api/schema';

export interface Step {
  key: string;
  name: string;
  type: string;
  state: 'active' | 'completed' | 'terminated';
  hasIncident: boolean;
  from: string;
  to: string | null;
  /** Whose command ended it; null for what the process did by itself. */
  person: string | null;
}

/** Gateways and the process itself tell nothing that the steps do not. */
const SILENT = /^(PROCESS|.*GATEWAY|SUB_PROCESS|SEQUENCE_FLOW|MULTI_INSTANCE_BODY|UNSPECIFIED|UNKNOWN)$/;

/** Elements as steps, the newest first; only people's work has a person. */
export function stepsOf(elements: readonly ElementInstance[]): Step[] {
  return elements
    .filter(({ type }) => !SILENT.test(type))
    .map((element) => ({
      key: element.elementInstanceKey,
      name: element.elementName || element.elementId,
      type: element.type,
      state: element.state === 'ACTIVE' ? 'active' : element.state === 'TERMINATED' ? 'terminated' : 'completed',
      hasIncident: element.hasIncident,
      from: element.startDate,
      to: element.endDate,
      person: element.type === 'USER_TASK' || element.type === 'START_EVENT' ? element.actor : null,
    }));
}
