/** What a diagram shows of counts: how far a case came, or where many cases stand. */
import type { ElementCount } from '../api/schema';
import type { ElementMark } from '../ui/Diagram';

export type Marks = Readonly<Record<string, ElementMark>>;

/** One case: what it passed, where it stands, what went wrong, also inside of what it called (`troubled`). A count is
 *  shown where an element was passed more than once. */
export function marksOfCase(counts: readonly ElementCount[], troubled: ReadonlySet<string> = new Set()): Marks {
  return Object.fromEntries(
    counts.map(({ elementId, active, completed, canceled, incidents }): [string, ElementMark] => {
      const times = active + completed + canceled;
      return [
        elementId,
        {
          ...(incidents > 0 || troubled.has(elementId) ? { state: 'incident' } : active > 0 ? { state: 'active' } : completed > 0 ? { state: 'passed' } : {}),
          ...(times > 1 && { count: times }),
          ...(incidents > 0 && { incidents }),
        },
      ];
    }),
  );
}

export type Measure = 'active' | 'incidents' | 'completed';

const SHADES = 5;

/** How warm a number is drawn where `largest` is the warmest: 0 to 4. */
const shadeOf = (count: number, largest: number) => Math.ceil((count / largest) * SHADES) - 1;

/** What a shade stands for: numbers from and to. */
export interface Shade {
  heat: number;
  from: number;
  to: number;
}

/** The shades that numbers up to the largest are drawn in, the coolest first. */
export function shadesOf(largest: number): Shade[] {
  return Array.from({ length: SHADES }, (_, heat) => ({
    heat,
    from: Math.floor((heat * largest) / SHADES) + 1,
    to: Math.floor(((heat + 1) * largest) / SHADES),
  })).filter(({ from, to }) => from <= to);
}

/** The largest number of a measure; subprocesses, which hold the others, do not count. */
export function largestOf(counts: readonly ElementCount[], measure: Measure, isContainer: (elementId: string) => boolean): number {
  return Math.max(0, ...counts.filter(({ elementId }) => !isContainer(elementId)).map((count) => count[measure]));
}

/** Many cases: the more of them an element has, the warmer it is drawn; the largest number is the warmest.
 *  A subprocess is only counted: its colour would lie over everything in it. */
export function heatOf(counts: readonly ElementCount[], measure: Measure, isContainer: (elementId: string) => boolean = () => false): Marks {
  const largest = largestOf(counts, measure, isContainer);
  return Object.fromEntries(
    counts
      .filter((count) => count[measure] > 0 || count.incidents > 0)
      .map((count): [string, ElementMark] => [
        count.elementId,
        {
          ...(count[measure] > 0 && { count: count[measure], ...(!isContainer(count.elementId) && { heat: shadeOf(count[measure], largest) }) }),
          ...(count.incidents > 0 && measure !== 'completed' && { incidents: count.incidents }),
        },
      ]),
  );
}
