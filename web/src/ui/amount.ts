/**
 * Amounts as exact decimal text: `60000`, `60000.00`, `-0.5`. Nothing here becomes a binary number.
 */

const DECIMAL = /^([+-]?)(\d+)(?:\.(\d+))?$/;

interface Decimal {
  negative: boolean;
  /** Without leading zeros; `0` for nothing. */
  whole: string;
  fraction: string;
}

/** The parts of a decimal text or number; null where it is none (or has an exponent). */
export function decimalOf(value: string | number): Decimal | null {
  const match = DECIMAL.exec(String(value).trim());
  if (!match) return null;
  return { negative: match[1] === '-', whole: match[2]!.replace(/^0+(?=\d)/, ''), fraction: match[3] ?? '' };
}

/** What a person typed, `60,000.5` or `￥60，000`, as plain decimal text; null where it is no amount. */
export function amountOfInput(input: string): string | null {
  const plain = input.normalize('NFKC').replace(/[\s,¥元]/g, '');
  const decimal = decimalOf(plain.replace(/^(-?)\./, '$10.').replace(/\.$/, ''));
  return decimal && plainText(decimal);
}

function plainText({ negative, whole, fraction }: Decimal): string {
  const text = fraction ? `${whole}.${fraction}` : whole;
  return negative && /[1-9]/.test(text) ? `-${text}` : text;
}

/** With thousands separators and at least `places` decimal places; digits that are there stay. */
export function grouped(value: string | number, places = 2): string | null {
  const decimal = decimalOf(value);
  if (!decimal) return null;
  const fraction = decimal.fraction.replace(/0+$/, '').padEnd(places, '0');
  const whole = decimal.whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const sign = decimal.negative && /[1-9]/.test(whole + fraction) ? '-' : '';
  return fraction ? `${sign}${whole}.${fraction}` : `${sign}${whole}`;
}

/** Decimal texts in the order of their values: negative, zero or positive. */
export function compareAmounts(one: string | number, other: string | number): number {
  const [a, b] = [decimalOf(one), decimalOf(other)];
  if (!a || !b) throw new TypeError(`no amounts: ${one}, ${other}`);
  const places = Math.max(a.fraction.length, b.fraction.length);
  const scaled = ({ negative, whole, fraction }: Decimal) => BigInt(`${negative ? '-' : ''}${whole}${fraction.padEnd(places, '0')}`);
  const difference = scaled(a) - scaled(b);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

const DIGITS = '零壹贰叁肆伍陆柒捌玖';
const PLACES = ['', '拾', '佰', '仟'];
const LARGEST_WHOLE = 16;

/**
 * The amount in capitals as on a Chinese cheque: `60000.50` is 陆万元伍角整.
 *
 * After 《支付结算办法》, annex 1 (how bills are filled in); where it leaves 零 open, its first form is used.
 * Null for what has more than 16 digits before or two after the point.
 */
export function inCapitals(value: string | number): string | null {
  const decimal = decimalOf(value);
  if (!decimal) return null;
  const cents = decimal.fraction.replace(/0+$/, '').padEnd(2, '0');
  if (cents.length > 2 || decimal.whole.length > LARGEST_WHOLE) return null;
  const [tenths, hundredths] = [Number(cents[0]), Number(cents[1])];
  const isZero = decimal.whole === '0';
  if (isZero && tenths === 0 && hundredths === 0) return '零元整';
  let text = isZero ? '' : `${wholeInCapitals(decimal.whole)}元`;
  if (tenths > 0) {
    if (!isZero && decimal.whole.endsWith('0')) text += '零';
    text += `${DIGITS[tenths]}角`;
  } else if (hundredths > 0 && !isZero) {
    text += '零';
  }
  text += hundredths > 0 ? `${DIGITS[hundredths]}分` : '整';
  return decimal.negative ? `负${text}` : text;
}

function wholeInCapitals(whole: string): string {
  if (whole.length > 8) return joined(whole.slice(0, -8), '亿', whole.slice(-8));
  if (whole.length > 4) return joined(whole.slice(0, -4), '万', whole.slice(-4));
  let text = '';
  [...whole].forEach((digit, index) => {
    if (digit !== '0') text += `${DIGITS[Number(digit)]}${PLACES[whole.length - 1 - index]}`;
    else if (!text.endsWith('零')) text += '零';
  });
  return text.replace(/零+$/, '');
}

function joined(high: string, unit: string, low: string): string {
  const rest = low.replace(/^0+/, '');
  const gap = low.startsWith('0') && rest !== '' ? '零' : '';
  return `${wholeInCapitals(high)}${unit}${gap}${rest && wholeInCapitals(rest)}`;
}
