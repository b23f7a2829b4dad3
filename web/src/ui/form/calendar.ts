/** The calendar of date fields in the language of the screen. */
import flatpickr from 'flatpickr';
import { Mandarin } from 'flatpickr/dist/l10n/zh.js';

import { currentLanguage } from '../../i18n/strings';

export function localizeCalendar(): void {
  const isChinese = currentLanguage() === 'zh';
  // Weeks begin on Monday (GB/T 7408).
  const chinese = { ...Mandarin, firstDayOfWeek: 1, monthAriaLabel: '月', yearAriaLabel: '年' };
  flatpickr.localize(isChinese ? chinese : flatpickr.l10ns.default);
  flatpickr.setDefaults({ ariaDateFormat: isChinese ? 'Y年n月j日' : 'F j, Y' });
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
