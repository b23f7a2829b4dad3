/** The boxes of the desk: which tasks are in each, and what the filters of its page mean to the search. */
import type { UserTask, UserTaskFilter, UserTaskSearch } from '../../api/schema';
import type { Sort } from '../../ui/useRows';

export const BOXES = ['todo', 'claimable', 'done'] as const;
export type Box = (typeof BOXES)[number];

export const isBox = (text: string | undefined | null): text is Box => BOXES.some((box) => box === text);

/** What the address of a box filters by; all empty where nothing is filtered. */
export const NO_FILTERS = { process: '', element: '', due: '', q: '' };
export type Filters = typeof NO_FILTERS;

export const DUE_CHOICES = ['overdue', 'today', 'week', 'none'] as const;

export const isFiltered = (filters: Filters) => Object.values(filters).some((value) => value !== '');

/** Tasks that wait are sorted by their time limit, finished ones by their end. */
export function defaultSort(box: Box): Sort {
  return box === 'done' ? { field: 'completionDate', order: 'DESC' } : { field: 'dueDate', order: 'ASC' };
}

/** The names that the API has for the boxes. */
export const API_BOX = { todo: 'assigned', claimable: 'claimable', done: 'completed' } as const;

/** Whether a task that I can see is in my box. */
export function isIn(box: Box, task: UserTask, me: string): boolean {
  if (box === 'done') return task.completedBy === me;
  return task.state === 'CREATED' && task.assignee === (box === 'todo' ? me : null);
}

/** The search of a page: its box, and what somebody has set. `now` and `endOfToday` are instants. */
export function searchOfPage(
  box: Box,
  { process, element, due, q }: Filters,
  { now, endOfToday }: { now: Date; endOfToday: Date },
): Pick<UserTaskSearch, 'box' | 'text' | 'filter'> {
  const text = q.trim();
  return {
    box: API_BOX[box],
    ...(text && { text }),
    filter: {
      ...(process && { processDefinitionId: process }),
      ...(element && { elementId: element }),
      ...(due && { dueDate: dueFilter(due, now, endOfToday) }),
    },
  };
}

const DAY_MS = 86_400_000;

function dueFilter(due: string, now: Date, endOfToday: Date): UserTaskFilter['dueDate'] {
  switch (due) {
    case 'overdue':
      return { $lt: now.toISOString() };
    case 'today':
      return { $lte: endOfToday.toISOString() };
    case 'week':
      return { $lte: new Date(endOfToday.getTime() + 6 * DAY_MS).toISOString() };
    default:
      return { $exists: false };
  }
}

const SOON_MS = 4 * 3_600_000;

/** How a time limit stands: passed, near, or none to worry about. */
export function urgencyOf(dueDate: string | null, now: number): 'overdue' | 'soon' | 'later' | 'none' {
  if (dueDate === null) return 'none';
  const left = Date.parse(dueDate) - now;
  if (left < 0) return 'overdue';
  return left < SOON_MS ? 'soon' : 'later';
}

/** A priority (0 to 100, 50 as nobody says otherwise) as a word. */
export function rankOf(priority: number): 'high' | 'normal' | 'low' {
  if (priority > 50) return 'high';
  return priority < 50 ? 'low' : 'normal';
}
