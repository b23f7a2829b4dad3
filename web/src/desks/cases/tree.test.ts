import { expect, test } from 'vitest';

import type { ProcessInstance } from '../../api/schema';
import { treeOf } from './tree';

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
