import { expect, it } from 'vitest';

import type { UserTask } from '../../api/schema';
import { standingOf } from './taskState';

const me = { username: 'li.na' };
const all = () => true;
const standing = (changes: Partial<UserTask>, may: (permission: string) => boolean = all) =>
  standingOf({ state: 'CREATED', assignee: null, suspended: false, ...changes } as UserTask, me, may);

it('tells what somebody may do with a task', () => {
  expect(standing({})).toBe('claimable');
  expect(standing({ assignee: 'li.na' })).toBe('mine');
});

it('tells why a task can only be read', () => {
  expect(standing({ assignee: 'zhang.wei' })).toBe('other');
  expect(standing({}, (each) => each !== 'user-task:claim')).toBe('unclaimed');
  expect(standing({ assignee: 'li.na' }, (each) => each !== 'user-task:complete')).toBe('mayNot');
  expect(standing({ state: 'COMPLETED', assignee: 'li.na' })).toBe('completed');
  expect(standing({ state: 'CANCELED', assignee: 'li.na' })).toBe('canceled');
  expect(standing({ assignee: 'li.na', suspended: true })).toBe('suspended');
});
