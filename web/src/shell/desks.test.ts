import { expect, it } from 'vitest';

import type { Me } from '../api/me';
import { taskPlace } from './desks';

const placeFor = (...permissions: string[]) => taskPlace({ permissions } as unknown as Me, '7', '3');

it('a task is shown where somebody may see it: on its page, or else in its case', () => {
  expect(placeFor('user-task:read', 'user-task:complete', 'process-instance:read')).toBe('/review/tasks/7');
  expect(placeFor('user-task:claim')).toBe('/review/tasks/7');
  expect(placeFor('user-task:read', 'process-instance:read', 'user-task:assign')).toBe('/cases/3?tab=tasks');
  expect(placeFor('user-task:read')).toBe('/');
});
