/** The language of the screen: what was chosen here, else what the browser asks for, Chinese before English. */
import dayjs from 'dayjs';
import chinese from 'dayjs/locale/zh-cn';

import { i18n, languageTag, type Language } from '../i18n/strings';
import { readPreference, usePreference } from './preferences';

const NAME = 'language';

// What is due in 20 hours comes 20 小时后, not 20 小时内, which is any time until then.
Object.assign(chinese.relativeTime!, { future: '%s后' });

function ofBrowser(): Language {
  return navigator.languages.some((tag) => tag.startsWith('zh')) || !navigator.language.startsWith('en') ? 'zh' : 'en';
}

/** Set everything that has a language, before the first render. */
export function applyLanguage(language: Language = readPreference<Language>(NAME) ?? ofBrowser()): void {
  void i18n.changeLanguage(language);
  dayjs.locale(language === 'zh' ? 'zh-cn' : 'en');
  document.documentElement.lang = languageTag(language);
}

/** The language, and how to choose another one. */
export function useLanguage(): [Language, (language: Language) => void] {
  const [language, keep] = usePreference<Language>(NAME, ofBrowser());
  return [
    language,
    (chosen) => {
      applyLanguage(chosen);
      keep(chosen);
    },
  ];
}
