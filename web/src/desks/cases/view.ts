/** What the parts of a case's page share: the instance that is shown, the case around it, and what of it is listed. */
import type { UseQueryResult } from '@tanstack/react-query';

import type { Case, ProcessInstance, TimelineEntry } from '../../api/schema';
import type { ElementName } from '../../processes/names';

export interface CaseView {
  instance: ProcessInstance;
  whole: UseQueryResult<Case>;
  nameOf: (elementId: string) => string;
  elements: ReadonlyMap<string, ElementName>;
  /** Only what belongs to this element of the instance is listed. */
  element: string | null;
  /** List what belongs to all instances of the case, not only to this one. */
  all: boolean;
  /** Show an element on the diagram. */
  onElement: (elementId: string) => void;
}

/** Whether something of the case is listed. */
export function isListed(
  row: { processInstanceKey?: string | null; elementId?: string | null },
  view: Pick<CaseView, 'instance' | 'element' | 'all'>,
): boolean {
  const isOwn = row.processInstanceKey === view.instance.processInstanceKey;
  if (view.element !== null) return isOwn && row.elementId === view.element;
  return view.all || isOwn;
}

// Told of with what led there; or only a fork in the way.
const QUIET = new Set(['START_EVENT', 'EXCLUSIVE_GATEWAY', 'PARALLEL_GATEWAY', 'INCLUSIVE_GATEWAY', 'EVENT_BASED_GATEWAY', 'PROCESS']);

/** The timeline, the latest first, without the steps that say nothing to most people unless they are asked for. */
export function told(entries: readonly TimelineEntry[], everyStep: boolean): TimelineEntry[] {
  return entries.filter(({ kind, elementType }) => everyStep || kind !== 'element' || !QUIET.has(elementType ?? '')).reverse();
}
