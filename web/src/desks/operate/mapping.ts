/** How the elements of a version go over to another one: by the plan, by its suggestions, and by hand. */
import type { MigrationPlan } from '../../api/schema';

export interface MappingRow {
  source: string;
  /** Empty: not mapped. */
  target: string;
  origin: 'equal' | 'suggested' | 'chosen' | 'none';
  /** Why it is suggested, or why there is no suggestion. */
  reasons: readonly string[];
  suggestion?: string;
  score?: number;
}

/** The rows of the mapping table; what somebody has chosen goes before the plan. */
export function mappingRows(plan: MigrationPlan, chosen: Readonly<Record<string, string>>): MappingRow[] {
  const equal = plan.mappingInstructions.map(({ sourceElementId, targetElementId }): MappingRow => {
    const by = chosen[sourceElementId];
    return { source: sourceElementId, target: by ?? targetElementId, origin: by === undefined ? 'equal' : by ? 'chosen' : 'none', reasons: [] };
  });
  const suggested = plan.suggestions.map(({ sourceElementId, targetElementId, score, reasons }): MappingRow => {
    const by = chosen[sourceElementId] ?? '';
    const origin = by === '' ? 'none' : by === targetElementId ? 'suggested' : 'chosen';
    return { source: sourceElementId, target: by, origin, reasons, suggestion: targetElementId, score };
  });
  const known = new Set([...equal, ...suggested].map(({ source }) => source));
  const unmapped = plan.unmapped
    .filter(({ elementId }) => !known.has(elementId))
    .map(({ elementId, detail }): MappingRow => {
      const by = chosen[elementId] ?? '';
      return { source: elementId, target: by, origin: by === '' ? 'none' : 'chosen', reasons: [detail] };
    });
  return [...unmapped, ...suggested, ...equal];
}

/** What the server is told: every pair, those with equal ids too. */
export function instructionsOf(rows: readonly MappingRow[]) {
  return rows.filter(({ target }) => target !== '').map(({ source, target }) => ({ sourceElementId: source, targetElementId: target }));
}
