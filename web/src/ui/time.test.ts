// @vitest-environment happy-dom
import { expect, it } from 'vitest';

import { applyLanguage } from '../shell/language';
import { exactly, partsOf, relatively } from './time';

it('shows instants in the zone of the business', () => {
  expect(exactly('2026-12-31T16:30:00Z')).toBe('2027-01-01 00:30');
  expect(exactly('2026-11-22T01:02:03Z', { seconds: true })).toBe('2026-11-22 09:02:03');
});

it.each([
  [0, []],
  [999, []],
  [61_000, [{ unit: 'minute', count: 1 }, { unit: 'second', count: 1 }]],
  [3_600_000, [{ unit: 'hour', count: 1 }]],
  [90_061_000, [{ unit: 'day', count: 1 }, { unit: 'hour', count: 1 }]],
  [86_401_000, [{ unit: 'day', count: 1 }]],
])('%i ms are %j', (milliseconds, parts) => {
  expect(partsOf(milliseconds)).toEqual(parts);
});

it('says in Chinese how long from now, not within what time', () => {
  applyLanguage('zh');
  const now = new Date('2026-01-05T09:00:00+08:00');
  expect(relatively('2026-01-06T05:00:00+08:00', now)).toBe('20 小时后');
  expect(relatively('2026-01-05T07:00:00+08:00', now)).toBe('2 小时前');
  applyLanguage('en');
  expect(relatively('2026-01-06T05:00:00+08:00', now)).toBe('in 20 hours');
});
