import { expect, test } from 'vitest';

import type { Case, ProcessInstance } from '../../api/schema';
import { treeOf, troubledCalls } from './tree';

const instance = (key: string, parent: string | null, startDate: string) =>
  ({ processInstanceKey: key, parentProcessInstanceKey: parent, startDate }) as ProcessInstance;

test('what was called stands below its caller, in the order of time', () => {
  const found = treeOf([
    instance('4', '1', '2026-11-03'),
    instance('1', null, '2026-11-01'),
    instance('3', '2', '2026-11-03'),
    instance('2', '1', '2026-11-02'),
    instance('9', '8', '2026-10-01'),
  ]);
  expect(found.map(({ instance: { processInstanceKey }, depth }) => [processInstanceKey, depth])).toEqual([
    ['9', 0],
    ['1', 0],
    ['2', 1],
    ['3', 2],
    ['4', 1],
  ]);
});

test('a call is troubled by an incident in what it called', () => {
  const called = (key: string, parent: string, element: string, hasIncident: boolean) =>
    ({ ...instance(key, parent, '2026-11-02'), parentElementInstanceKey: element, hasIncident }) as Case['instances'][number];
  const elements = [['10', 'pay'], ['11', 'book'], ['12', 'inner']].map(([elementInstanceKey, elementId]) => ({ elementInstanceKey, elementId }) as Case['elements'][number]);
  const whole = { elements, instances: [called('2', '1', '10', true), called('3', '1', '11', false), called('4', '2', '12', true)] };
  expect([...troubledCalls(whole, '1')]).toEqual(['pay']);
  expect([...troubledCalls(whole, '2')]).toEqual(['inner']);
});
