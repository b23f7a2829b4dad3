import { expect, test } from 'vitest';

import type { ProcessInstance, TimelineEntry } from '../../api/schema';
import { isListed, told } from './view';

const entry = (kind: string, elementType?: string) => ({ kind, elementType }) as TimelineEntry;

test('the latest comes first; gateways and start events are told of on request', () => {
  const entries = [
    entry('instance-started'),
    entry('element', 'START_EVENT'),
    entry('user-task', 'USER_TASK'),
    entry('element', 'EXCLUSIVE_GATEWAY'),
    entry('element', 'SERVICE_TASK'),
  ];
  expect(told(entries, false).map(({ elementType, kind }) => elementType ?? kind)).toEqual(['SERVICE_TASK', 'USER_TASK', 'instance-started']);
  expect(told(entries, true)).toHaveLength(5);
});

test('an element is that of the instance that is shown', () => {
  const instance = { processInstanceKey: '1' } as ProcessInstance;
  const own = { processInstanceKey: '1', elementId: 'pay' };
  const called = { processInstanceKey: '2', elementId: 'pay' };
  expect([own, called].map((row) => isListed(row, { instance, element: null, all: true }))).toEqual([true, true]);
  expect([own, called].map((row) => isListed(row, { instance, element: null, all: false }))).toEqual([true, false]);
  expect([own, called].map((row) => isListed(row, { instance, element: 'pay', all: true }))).toEqual([true, false]);
  expect(isListed(own, { instance, element: 'query', all: true })).toBe(false);
});
