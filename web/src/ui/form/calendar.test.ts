// @vitest-environment happy-dom
import flatpickr from 'flatpickr';
import { expect, it } from 'vitest';

import { dateOf, localizeCalendar, NO_SUCH_DATE } from './calendar';

it.each([
  ['2026/2/28', 'Y/n/j', '2026-02-28'],
  ['2026-02-28', 'Y/n/j', '2026-02-28'],
  ['2026年2月8日', 'Y/n/j', '2026-02-08'],
  ['2/28/2026', 'n/j/Y', '2026-02-28'],
  ['29.02.28', 'd/m/y', '2028-02-29'],
  ['2026-02-30', 'Y/n/j', undefined],
  ['2026-13-40', 'Y/n/j', undefined],
  ['2026/0/1', 'Y/n/j', undefined],
  ['2026/2', 'Y/n/j', undefined],
  ['20260228', 'Y/n/j', undefined],
  ['soon', 'Y/n/j', undefined],
])('%s in the order %s is %s', (text, format, day) => {
  const date = dateOf(text, format);
  expect(date && [date.getFullYear(), date.getMonth() + 1, date.getDate()].map((part) => String(part).padStart(2, '0')).join('-')).toBe(day);
});

it('clears a date that there is not, and says so', () => {
  localizeCalendar();
  const input = document.body.appendChild(document.createElement('input'));
  const told: string[] = [];
  document.body.addEventListener(NO_SUCH_DATE, (event) => told.push((event as CustomEvent<string>).detail));
  const calendar = flatpickr(input, { allowInput: true, dateFormat: 'Y/n/j', minDate: '01/01/1900', errorHandler: () => undefined });
  calendar.setDate('2026-02-28', true);
  expect([input.value, told]).toEqual(['2026/2/28', []]);
  calendar.setDate('2026-02-30', true);
  expect([input.value, told, calendar.selectedDates]).toEqual(['', ['2026-02-30'], []]);
  calendar.destroy();
});
