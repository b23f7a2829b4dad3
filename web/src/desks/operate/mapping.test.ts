import { expect, test } from 'vitest';

import type { MigrationPlan } from '../../api/schema';
import { instructionsOf, mappingRows } from './mapping';

const PLAN: MigrationPlan = {
  sourceProcessDefinitionKey: '1',
  targetProcessDefinitionKey: '2',
  mappingInstructions: [{ sourceElementId: 'pay', targetElementId: 'pay' }],
  suggestions: [{ sourceElementId: 'check', targetElementId: 'verify', score: 0.8, reasons: ['same name'] }],
  unmapped: [{ elementId: 'call', code: 'x', detail: 'nothing like it' }],
  addedElementIds: ['notify'],
};

test('a suggestion counts only when somebody takes it', () => {
  expect(instructionsOf(mappingRows(PLAN, {}))).toEqual([{ sourceElementId: 'pay', targetElementId: 'pay' }]);
  const rows = mappingRows(PLAN, { check: 'verify' });
  expect(rows.find(({ source }) => source === 'check')).toMatchObject({ origin: 'suggested', target: 'verify' });
  expect(instructionsOf(rows)).toHaveLength(2);
});

test('a pair can be taken away and made by hand; what is open comes first', () => {
  const rows = mappingRows(PLAN, { pay: '', call: 'notify' });
  expect(rows.map(({ source, target, origin }) => [source, target, origin])).toEqual([
    ['call', 'notify', 'chosen'],
    ['check', '', 'none'],
    ['pay', '', 'none'],
  ]);
  expect(instructionsOf(rows)).toEqual([{ sourceElementId: 'call', targetElementId: 'notify' }]);
});
