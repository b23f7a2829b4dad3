/** The calendar of date fields in the language of the screen, and what may be typed instead. */
import flatpickr from 'flatpickr';
import { Mandarin } from 'flatpickr/dist/l10n/zh.js';

import { currentLanguage } from '../../i18n/strings';

export function localizeCalendar(): void {
  const isChinese = currentLanguage() === 'zh';
  // Weeks begin on Monday (GB/T 7408).
  const chinese = { ...Mandarin, firstDayOfWeek: 1, monthAriaLabel: '月', yearAriaLabel: '年' };
  flatpickr.localize(isChinese ? chinese : flatpickr.l10ns.default);
  flatpickr.setDefaults({ ariaDateFormat: isChinese ? 'Y年n月j日' : 'F j, Y', plugins: [strictly] });
}

/** The event of a date field into which somebody has typed what is no date; its detail is the text. */
export const NO_SUCH_DATE = 'lendloom-no-such-date';

// Left to itself the calendar makes 2 March of 30 February, and a day of next year of a thirteenth month.
function strictly({ element }: { element: HTMLElement }) {
  const parseDate = (text: string, format: string) => {
    const date = dateOf(text, format);
    if (!date) element.dispatchEvent(new CustomEvent(NO_SUCH_DATE, { bubbles: true, detail: text }));
    return date as Date;
  };
  return { parseDate };
}

const PLACES: Readonly<Record<string, 'year' | 'month' | 'day'>> = { Y: 'year', y: 'year', m: 'month', n: 'month', d: 'day', j: 'day' };

/** The day that a text names in the order of a format such as `Y/n/j`, whatever stands between the numbers. */
export function dateOf(text: string, format: string): Date | undefined {
  const places = [...format].flatMap((letter) => PLACES[letter] ?? []);
  const numbers = text.match(/\d+/g)?.map(Number) ?? [];
  if (numbers.length !== places.length) return undefined;
  const { year, month, day } = Object.fromEntries(places.map((place, index) => [place, numbers[index]!])) as Record<string, number>;
  const whole = year! < 100 ? 2000 + year! : year!;
  const date = new Date(whole, month! - 1, day);
  return date.getFullYear() === whole && date.getMonth() === month! - 1 && date.getDate() === day ? date : undefined;
}

/**
 * Bring each calendar of a form into sight when it opens: that is below its field, which may be out of sight. (form-js
 * keeps the calendar's own events to itself.) Gives what ends it.
 */
export function showCalendars(form: HTMLElement): () => void {
  const observer = new MutationObserver((changes) => {
    for (const { target, oldValue } of changes) {
      const { classList } = target as Element;
      const isOpened = classList.contains('flatpickr-calendar') && classList.contains('open') && !/\bopen\b/.test(oldValue ?? '');
      if (isOpened) (target as Element).scrollIntoView({ block: 'nearest' });
    }
  });
  observer.observe(form, { subtree: true, attributes: true, attributeFilter: ['class'], attributeOldValue: true });
  return () => observer.disconnect();
}
