/**
 * Strings by subject: a folder brings its own in two files with the same keys, Chinese first.
 *
 * `strings('review', zh, en)` registers them and returns a hook whose keys are checked by the compiler. An English
 * text that differs for one thing has a second key with `_one` behind it: `t('tasks', {count: 1})`.
 */
import { createInstance } from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';

export type Language = 'zh' | 'en';
export type Strings = Readonly<Record<string, string>>;

/** English must say whatever Chinese says. */
export type English<Chinese extends Strings> = { readonly [Key in keyof Chinese]: string } & {
  readonly [Key in keyof Chinese as `${Key & string}_one`]?: string;
};

export type Text<Chinese extends Strings> = (key: keyof Chinese & string, values?: Record<string, unknown>) => string;

export const i18n = createInstance();

void i18n.use(initReactI18next).init({
  lng: 'zh',
  fallbackLng: false,
  keySeparator: false,
  nsSeparator: false,
  interpolation: { escapeValue: false },
  initAsync: false,
  resources: {},
  react: { useSuspense: false },
});

/** The languages of the application, as they call themselves. */
export const LANGUAGES: readonly { id: Language; name: string; tag: string }[] = [
  { id: 'zh', name: '中文', tag: 'zh-CN' },
  { id: 'en', name: 'English', tag: 'en' },
];

export function languageTag(language: Language): string {
  return LANGUAGES.find(({ id }) => id === language)!.tag;
}

/** Which language is shown now. */
export function currentLanguage(): Language {
  return i18n.language === 'en' ? 'en' : 'zh';
}

/** Register the strings of a subject; gives the hook that reads them. */
export function strings<const Chinese extends Strings>(
  subject: string,
  zh: Chinese,
  en: English<Chinese>,
): { useText: () => Text<Chinese>; text: Text<Chinese> } {
  i18n.addResourceBundle('zh', subject, zh);
  i18n.addResourceBundle('en', subject, en);
  return {
    useText() {
      const { t } = useTranslation(subject, { i18n });
      return t as unknown as Text<Chinese>;
    },
    text: (key, values) => i18n.t(key, { ns: subject, ...values }),
  };
}
