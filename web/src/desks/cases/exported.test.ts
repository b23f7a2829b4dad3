import { expect, test } from 'vitest';

import { everyRow } from './everyRow';
import { usernamesIn } from './exported';

test('a search is asked until its last page', async () => {
  const asked: unknown[] = [];
  const rows = await everyRow(async (page) => {
    asked.push(page);
    const isLast = asked.length === 3;
    return { items: Array.from({ length: isLast ? 1 : 1000 }, (_, at) => at), page: { endCursor: `c${asked.length}` } };
  });
  expect(rows).toHaveLength(2001);
  expect(asked).toEqual([{ limit: 1000 }, { limit: 1000, after: 'c1' }, { limit: 1000, after: 'c2' }]);
});

test('everybody who has to do with a case is found once, and nothing else', () => {
  const task = { name: 'li.na', assignee: 'li.na', completedBy: null, candidateUsers: ['zhang.wei', 'li.na'], candidateGroups: ['finance'] };
  const told = [{ processInstance: { startedBy: 'ma.chao', suspendedBy: '' }, userTasks: [task], comments: [{ author: 'he.ping', text: 'ma.chao' }] }];
  expect(usernamesIn(told)).toEqual(['he.ping', 'li.na', 'ma.chao', 'zhang.wei']);
});
