// @vitest-environment happy-dom
import { expect, test } from 'vitest';

import { instanceFilter, NO_FILTER } from './instanceFilter';

test('nothing asked filters nothing', () => {
  expect(instanceFilter(NO_FILTER)).toEqual({});
});

test('days are those of the business, the last one included', () => {
  expect(instanceFilter({ ...NO_FILTER, from: '2026-11-20', to: '2026-11-21' })).toEqual({
    startDate: { $gte: '2026-11-19T16:00:00.000Z', $lt: '2026-11-21T16:00:00.000Z' },
  });
});

test('what is no day or no number in an address filters nothing', () => {
  expect(instanceFilter({ ...NO_FILTER, from: '2026-99-99', to: 'garbage', version: 'two' })).toEqual({});
  expect(instanceFilter({ ...NO_FILTER, from: '2026-02-30', to: '2026-02-28' })).toEqual({ startDate: { $lt: '2026-02-28T16:00:00.000Z' } });
});

test('texts are looked for anywhere, unless they say where', () => {
  expect(instanceFilter({ ...NO_FILTER, businessId: 'JJ-2026', error: 'HTTP 503*' })).toEqual({
    businessId: { $like: '*JJ-2026*' },
    errorMessage: { $like: 'HTTP 503*' },
  });
});

test('having an incident is not a state of its own', () => {
  expect(instanceFilter({ ...NO_FILTER, state: 'INCIDENT', version: '2', level: 'root' })).toEqual({
    hasIncident: true,
    processDefinitionVersion: 2,
    parentProcessInstanceKey: { $exists: false },
  });
});
