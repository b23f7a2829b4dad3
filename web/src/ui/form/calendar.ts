/** The calendar of date fields in the language of the screen. */
import flatpickr from 'flatpickr';
import { Mandarin } from 'flatpickr/dist/l10n/zh.js';

import { currentLanguage } from '../../i18n/strings';

export function localizeCalendar(): void {
  const isChinese = currentLanguage() === 'zh';
  flatpickr.localize(isChinese ? { ...Mandarin, monthAriaLabel: '月', yearAriaLabel: '年' } : flatpickr.l10ns.default);
  flatpickr.setDefaults({ ariaDateFormat: isChinese ? 'Y年n月j日' : 'F j, Y' });
}
