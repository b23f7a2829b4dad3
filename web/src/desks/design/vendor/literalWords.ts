/** The words that the build puts in the place of the editors' own (see `literalWords.ts` beside the Vite configuration). */
import { currentLanguage, type Language } from '../../../i18n/strings';
import { LITERAL_WORDS } from './literalDictionary';

/** Constants of the editors are words of the language in which they were loaded. */
export const loadedIn: Language = currentLanguage();

export function word(english: string, values: Readonly<Record<string, unknown>> = {}): string {
  const text = currentLanguage() === 'zh' ? (LITERAL_WORDS[english] ?? english) : english;
  return text.replace(/\{\{(\w+)\}\}/g, (_, name: string) => String(values[name]));
}
