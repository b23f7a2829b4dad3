import { expect, test } from 'vitest';

import { modificationOf, stepOf } from './modification';

test('a step is complete when it says from where and to where', () => {
  expect(stepOf('move', 'pay', '')).toBeNull();
  expect(stepOf('move', 'pay', 'pay')).toBeNull();
  expect(stepOf('move', 'pay', 'check')).toEqual({ kind: 'move', from: 'pay', to: 'check' });
  expect(stepOf('activate', '', 'check')).toEqual({ kind: 'activate', to: 'check' });
  expect(stepOf('cancel', 'pay', 'ignored')).toEqual({ kind: 'cancel', from: 'pay' });
});

test('all steps go into one request', () => {
  expect(
    modificationOf([{ kind: 'cancel', from: 'a' }, { kind: 'return', to: 'b' }, { kind: 'activate', to: 'c' }], { reason: 'stuck', revision: 7 }),
  ).toEqual({
    terminateInstructions: [{ elementId: 'a' }],
    returnInstructions: [{ targetElementId: 'b' }],
    activateInstructions: [{ elementId: 'c' }],
    reason: 'stuck',
    revision: 7,
  });
});
