/** The calendar of date fields in the language of the screen. */
import flatpickr from 'flatpickr';
import { Mandarin } from 'flatpickr/dist/l10n/zh.js';

import { currentLanguage } from '../../i18n/strings';

export function localizeCalendar(): void {
  const isChinese = currentLanguage() === 'zh';
  // Weeks begin on Monday (GB/T 7408).
  const chinese = { ...Mandarin, firstDayOfWeek: 1, monthAriaLabel: '月', yearAriaLabel: '年' };
  flatpickr.localize(isChinese ? chinese : flatpickr.l10ns.default);
  flatpickr.setDefaults({
    ariaDateFormat: isChinese ? 'Y年n月j日' : 'F j, Y',
    // It opens below its field, which may be below what is in sight.
    onOpen: (_days, _text, { calendarContainer }) => requestAnimationFrame(() => calendarContainer.scrollIntoView({ block: 'nearest' })),
  });
}
