/** The boxes of the desk: which tasks are in each, and what the filters of its page mean to the search. */
import type { UserTask, UserTaskFilter } from '../../api/schema';
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

/** The filter of a box without the page's own filters, for `me`. */
export function filterOfBox(box: Box, me: string): UserTaskFilter {
  switch (box) {
    case 'todo':
      return { state: 'CREATED', assignee: me };
    case 'claimable':
      return { state: 'CREATED', assignee: { $exists: false } };
    case 'done':
      return { state: 'COMPLETED', assignee: me };
  }
}

/** Whether a task is in a box, as {@link filterOfBox} says it. */
export function isIn(box: Box, task: UserTask, me: string): boolean {
  if (box === 'done') return task.state === 'COMPLETED' && task.assignee === me;
  return task.state === 'CREATED' && task.assignee === (box === 'todo' ? me : null);
}

/** The filter of a page: its box, and what somebody has set. `now` and `endOfToday` are instants. */
export function filterOfPage(
  box: Box,
  me: string,
  { process, element, due, q }: Filters,
  { now, endOfToday }: { now: Date; endOfToday: Date },
): UserTaskFilter {
  const text = q.trim();
  return {
    ...filterOfBox(box, me),
    ...(process && { processDefinitionId: process }),
    ...(element && { elementId: element }),
    ...(due && { dueDate: dueFilter(due, now, endOfToday) }),
    ...(text && { $or: textFilter(text) }),
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

/** The beginning of a business key, a part of the task's name, or an applicant's whole name. */
function textFilter(text: string): NonNullable<UserTaskFilter['$or']> {
  const plain = text.replace(/[*?\\]/g, '\\$&');
  const person = JSON.stringify(text);
  return [
    { businessId: { $like: `${plain}*` } },
    { name: { $like: `*${plain}*` } },
    { processInstanceVariables: [{ name: 'applicantName', value: person }] },
    { processInstanceVariables: [{ name: 'customerName', value: person }] },
  ];
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
