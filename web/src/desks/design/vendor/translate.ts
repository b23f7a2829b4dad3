/**
 * The `translate` service of bpmn.io's editors: their own English, or the Chinese of our tables.
 *
 * What has no Chinese is told to the console, once: the tests in the browser fail on it.
 */
import { currentLanguage } from '../../../i18n/strings';

type Values = Readonly<Record<string, unknown>>;

const told = new Set<string>();

/** A module for `additionalModules` that says everything in the language of the screen. */
export function translateModule(...tables: Readonly<Record<string, string>>[]) {
  const words: Record<string, string> = Object.assign({}, ...tables);
  const translate = (template: string, values: Values = {}) => fill(inLanguage(template, words), values);
  return { translate: ['value', translate] };
}

function inLanguage(template: string, words: Readonly<Record<string, string>>): string {
  if (currentLanguage() !== 'zh' || template === '') return template;
  const found = words[template];
  if (found === undefined && /[A-Za-z]{2}/.test(template) && !told.has(template)) {
    told.add(template);
    console.error(`No Chinese for “${template}”`);
  }
  return found ?? template;
}

/** `{name}` and `{ name }` become their values; what has none stays. */
function fill(template: string, values: Values): string {
  return template.replace(/\{\s?(\w+)\s?\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole));
}
