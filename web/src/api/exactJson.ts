/**
 * JSON whose numbers keep all their digits.
 *
 * A double carries 15 decimal digits for certain. A number of the server that needs more (`0.1234567890123456789`)
 * becomes text before it is parsed, so that it can be shown as it is; all others stay numbers.
 */

const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LONG = /\d[\d.]{15,}/;

export function quoteLongNumbers(text: string): string {
  if (!LONG.test(text)) return text;
  return text.replace(TOKEN, (token) => (token.startsWith('"') || isExact(token) ? token : `"${token}"`));
}

function isExact(number: string): boolean {
  const digits = number.replace(/[eE].*$/, '').replace(/[-.]/g, '').replace(/^0+/, '').replace(/0+$/, '');
  return digits.length <= 15;
}
