import { describe, expect, it } from 'vitest';

import type { UserTask } from '../../api/schema';
import { isIn, NO_FILTERS, rankOf, searchOfPage, urgencyOf } from './boxes';

const times = { now: new Date('2026-11-22T02:00:00Z'), endOfToday: new Date('2026-11-22T15:59:59.999Z') };
const task = (changes: Partial<UserTask>) => ({ state: 'CREATED', assignee: null, ...changes }) as UserTask;

describe('the search of a page', () => {
  it('is the box where nothing is set', () => {
    expect(searchOfPage('todo', NO_FILTERS, times)).toEqual({ box: 'assigned', filter: {} });
    expect(searchOfPage('claimable', NO_FILTERS, times)).toEqual({ box: 'claimable', filter: {} });
  });

  it('adds the process, the element, the time limit and the text', () => {
    const search = searchOfPage('done', { process: 'loan-approval', element: 'review-a', due: 'overdue', q: ' 林 ' }, times);
    expect(search).toEqual({
      box: 'completed',
      text: '林',
      filter: { processDefinitionId: 'loan-approval', elementId: 'review-a', dueDate: { $lt: '2026-11-22T02:00:00.000Z' } },
    });
  });

  it('counts a week from today on, today included', () => {
    const { filter } = searchOfPage('todo', { ...NO_FILTERS, due: 'week' }, times);
    expect(filter?.dueDate).toEqual({ $lte: '2026-11-28T15:59:59.999Z' });
  });
});

it('knows which box a task is in', () => {
  expect(isIn('claimable', task({}), 'li.na')).toBe(true);
  expect(isIn('claimable', task({ assignee: 'li.na' }), 'li.na')).toBe(false);
  expect(isIn('todo', task({ assignee: 'li.na' }), 'li.na')).toBe(true);
  expect(isIn('todo', task({ assignee: 'li.na', state: 'COMPLETED' }), 'li.na')).toBe(false);
  expect(isIn('done', task({ completedBy: 'li.na', state: 'COMPLETED' }), 'li.na')).toBe(true);
});

it('tells overdue from soon and later', () => {
  const now = Date.parse('2026-11-22T02:00:00Z');
  expect(urgencyOf(null, now)).toBe('none');
  expect(urgencyOf('2026-11-22T01:59:59Z', now)).toBe('overdue');
  expect(urgencyOf('2026-11-22T05:59:59Z', now)).toBe('soon');
  expect(urgencyOf('2026-11-22T06:00:00Z', now)).toBe('later');
});

it('says priorities in words', () => {
  expect([0, 49, 50, 51, 100].map(rankOf)).toEqual(['low', 'low', 'normal', 'high', 'high']);
});
