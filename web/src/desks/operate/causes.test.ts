import { expect, test } from 'vitest';

import type { Incident } from '../../api/schema';
import { causesOf, shapeOf } from './causes';

const incident = (key: string, errorMessage: string, more: Partial<Incident> = {}): Incident => ({
  incidentKey: key,
  errorType: 'JOB_NO_RETRIES',
  errorMessage,
  elementId: 'payment-pay',
  state: 'ACTIVE',
  creationTime: `2026-11-22T01:00:0${key}Z`,
  processDefinitionKey: '1002',
  processDefinitionId: 'disbursement',
  processInstanceKey: `20${key}`,
  rootProcessInstanceKey: null,
  elementInstanceKey: `30${key}`,
  jobKey: null,
  tenantId: '<default>',
  ...more,
});

test('a message loses its particulars, not its meaning', () => {
  expect(shapeOf('Key (contract_number)=(C-FK-2026-0104) is missing\nDETAIL: 17')).toBe('Key (contract_number)=(#) is missing');
  expect(shapeOf('变量“amount”不存在')).toBe(shapeOf('变量“term”不存在'));
  expect(shapeOf('HTTP 503')).toBe(shapeOf('HTTP 502'));
  expect(shapeOf('account closed')).not.toBe(shapeOf('name mismatch'));
});

test('what differs only in its particulars is one cause; the largest comes first', () => {
  const found = causesOf([
    incident('1', 'order 17 was refused'),
    incident('2', 'no answer'),
    incident('3', 'order 18 was refused'),
    incident('4', 'order 19 was refused', { elementId: 'payment-query' }),
    incident('5', 'order 20 was refused', { processDefinitionKey: '1009' }),
  ]);
  expect(found.map(({ incidents }) => incidents.map(({ incidentKey }) => incidentKey))).toEqual([['3', '1'], ['5'], ['4'], ['2']]);
  expect(found[0]).toMatchObject({ message: 'order 18 was refused', first: '2026-11-22T01:00:01Z', last: '2026-11-22T01:00:03Z' });
});
