// @vitest-environment happy-dom
import { afterEach, expect, it } from 'vitest';

import { i18n } from '../i18n/strings';
import { spokenCycle, spokenDuration, spokenValue, spokenWhole } from './spoken';
import { text } from './strings';

afterEach(() => void i18n.changeLanguage('zh'));

it.each([
  ['PT4H', '4 小时', '4 hours'],
  ['P1D', '1 天', '1 day'],
  ['P1Y2M', '1 年 2 个月', '1 year 2 months'],
  ['P1DT30M', '1 天 30 分钟', '1 day 30 minutes'],
  ['P3WD', '3 个工作日', '3 working days'],
  ['PT8WH', '8 个工时', '8 working hours'],
  ['-PT1.5S', '负 1.5 秒', 'minus 1.5 seconds'],
])('says %s in words', (duration, zh, en) => {
  expect(spokenDuration(duration, text)).toBe(zh);
  void i18n.changeLanguage('en');
  expect(spokenDuration(duration, text)).toBe(en);
});

it.each(['P', 'PASS', 'PT', 'P1', 'PRODUCT', ''])('leaves %j as it is', (other) => {
  expect(spokenDuration(other, text)).toBeNull();
});

it('says how often a timer comes', () => {
  expect(spokenCycle('R/PT1H', text)).toBe('每 1 小时');
  expect(spokenCycle('R3/2026-01-01T00:00:00Z/P1D', text)).toBe('每 1 天，共 3 次');
  expect(spokenCycle('0 9 * * MON-FRI', text)).toBe('0 9 * * MON-FRI');
  void i18n.changeLanguage('en');
  expect(spokenCycle('R3/P1D', text)).toBe('every 1 day, 3 times');
});

it('says values without the marks of JSON', () => {
  expect(spokenValue('true', text)).toBe('是');
  expect(spokenValue('null', text)).toBe('（空）');
  expect(spokenValue('-1234567.50', text)).toBe('-1,234,567.50');
  expect(spokenValue('"PT2H"', text)).toBe('2 小时');
  expect(spokenValue('"2026-11-22T01:30:00Z"', text)).toBe('2026-11-22 09:30');
  expect(spokenValue('{"limit": "P2D", "at": [1000, false], "to": null}', text)).toBe('limit: 2 天 · at: [1,000, 否] · to: （空）');
  expect(spokenValue('[]', text)).toBe('[]');
});

it('says all of a value on its lines', () => {
  expect(spokenWhole('{"limit":"P2D","by":{"a b":1000}}', text)).toBe('{\n  limit: 2 天,\n  by: {\n    a b: 1,000\n  }\n}');
  expect(spokenWhole('{"limit":"P2D","a":1000}', text)).toBe('limit: 2 天 · a: 1,000');
  expect(spokenWhole(`"${'长'.repeat(500)}"`, text)).toBe('长'.repeat(500));
});
