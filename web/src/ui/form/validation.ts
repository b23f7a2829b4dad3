/**
 * What the form viewer says about wrong values, in the language of the screen, and the checks of our own fields.
 *
 * form-js 1.23 writes its English sentences into its validator; they are recognised by their form. A sentence that
 * is not known stays as it is (a designer's own message, for instance).
 */
import type { text as shellText } from '../../i18n/shell';
import { amountOfInput, decimalOf, grouped } from '../amount';
import { identityFault, isPhone } from './identity';

type Key = Parameters<typeof shellText>[0];
type Say = typeof shellText;

const SENTENCES: readonly [RegExp, Key, name?: string][] = [
  [/^Field is required\.$/, 'form.required'],
  [/^Field must have minimum value of (.+)\.$/, 'form.min', 'limit'],
  [/^Field must have maximum value of (.+)\.$/, 'form.max', 'limit'],
  [/^Field must have minimum length of (.+)\.$/, 'form.minLength', 'limit'],
  [/^Field must have maximum length of (.+)\.$/, 'form.maxLength', 'limit'],
  [/^Field must match pattern .*\.$/s, 'form.pattern'],
  [/^Field must be a valid +international phone number/, 'form.phoneInternational'],
  [/^Field must be a valid email\.$/, 'form.email'],
  [/^Value is not a number\.$/, 'form.number'],
  [/^Value is expected to be an integer\.$/, 'form.integer'],
  [/^Value is expected to have at most (\d+) decimal digits?\.$/, 'form.moneyDigits', 'digits'],
  [/^Please select a valid value, the two nearest valid values are (.+)\.$/, 'form.increment', 'values'],
];

/** A sentence of the form viewer in the language of the screen; of an amount, its limits are written as amounts. */
export function inOurWords(sentence: string, say: Say, ofMoney = false): string {
  for (const [pattern, key, name] of SENTENCES) {
    const match = pattern.exec(sentence);
    if (!match) continue;
    if (name === undefined) return say(key);
    return say(key, { [name]: (ofMoney && name === 'limit' && grouped(match[1]!)) || match[1] });
  }
  return sentence;
}

export interface CheckedField {
  type: string;
  decimalDigits?: number;
  currency?: string;
  landline?: boolean;
}

/** What is wrong with the value of a field of our own; the server has the last word. */
export function ownErrors(field: CheckedField, value: unknown, say: Say): string[] {
  if (value === null || value === undefined || value === '') return [];
  const text = String(value);
  switch (field.type) {
    case 'money': {
      const amount = amountOfInput(text);
      if (amount === null) return [say('form.money')];
      const digits = field.decimalDigits ?? (field.currency === 'JPY' ? 0 : 2);
      const places = decimalOf(amount)!.fraction.replace(/0+$/, '').length;
      return places > digits ? [say('form.moneyDigits', { digits })] : [];
    }
    case 'resident-id': {
      const fault = identityFault(text);
      return fault === null ? [] : [say(`form.id.${fault}`)];
    }
    case 'phone-cn':
      return isPhone(text, field.landline === true) ? [] : [say(field.landline ? 'form.phoneLandline' : 'form.phone')];
    default:
      return [];
  }
}
