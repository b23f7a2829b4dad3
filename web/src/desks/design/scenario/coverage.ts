/** What scenarios have reached, as the server counts it. */
import type { ElementMark } from '../../../ui/Diagram';

export interface Part {
  covered: number;
  total: number;
  percent: number;
}
interface Counted extends Part {
  uncovered: string[];
  counts: Record<string, number>;
}
export interface ProcessCoverage {
  processId: string;
  name: string | null;
  resource: string;
  elements: Counted;
  flows: Counted;
}
export interface TableCoverage {
  resource: string;
  rules: Part & { uncovered: { decisionId: string; ruleIndex: number; annotation: string }[] };
}
export interface Coverage {
  totals: Record<'elements' | 'flows' | 'rules', Part>;
  processes: ProcessCoverage[];
  tables: TableCoverage[];
}
export interface StoryEvent {
  date: string;
  processDefinitionId: string;
  elementId: string;
  kind: string;
  note: string;
}

/** What the server says of an event that is not the entering of an element. */
export const STORY_WORDS: Readonly<Record<string, `story.${'completed' | 'terminated' | 'timer' | 'error' | 'incident' | 'jobFailed' | 'suspended' | 'resumed'}`>> = {
  'completed': 'story.completed',
  'terminated': 'story.terminated',
  'timer': 'story.timer',
  'error': 'story.error',
  'incident': 'story.incident',
  'job failed': 'story.jobFailed',
  'suspended': 'story.suspended',
  'resumed': 'story.resumed',
};

/** What was reached, for the diagram: how often each element, and which flows. */
export function marksOf({ elements, flows }: ProcessCoverage): { marks: Record<string, ElementMark>; flows: string[] } {
  const marks = Object.entries(elements.counts).filter(([, count]) => count > 0);
  return {
    marks: Object.fromEntries(marks.map(([id, count]) => [id, { state: 'passed', count }])),
    flows: Object.entries(flows.counts)
      .filter(([, count]) => count > 0)
      .map(([id]) => id),
  };
}
