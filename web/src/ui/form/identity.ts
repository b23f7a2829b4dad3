/** Resident identity numbers (GB 11643) and phone numbers of the mainland, as the server checks them again. */

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS = '10X98765432';

export type IdentityFault = 'length' | 'check' | 'date';

/** What is wrong with an identity number, or null. */
export function identityFault(value: string): IdentityFault | null {
  const number = value.trim().toUpperCase();
  if (!/^\d{17}[\dX]$/.test(number)) return 'length';
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(number[index]), 0);
  if (CHECKS[sum % 11] !== number[17]) return 'check';
  const [year, month, day] = [number.slice(6, 10), number.slice(10, 12), number.slice(12, 14)].map(Number) as [number, number, number];
  const born = new Date(Date.UTC(year, month - 1, day));
  return born.getUTCMonth() === month - 1 && born.getUTCDate() === day && born <= new Date() ? null : 'date';
}

const MOBILE = /^1[3-9]\d{9}$/;
const LANDLINE = /^(?:0(?:10|2\d|[3-9]\d{2})[2-9]\d{6,7}|[48]00\d{7})$/;

/** A phone number without blanks, hyphens and the country's code. */
export function phoneDigits(value: string): string {
  return value.replace(/[\s\-()（）]/g, '').replace(/^(?:(?:\+|00)86|86(?=1[3-9]\d{9}$))/, '');
}

/** Whether it is a mobile number, or with `landline` also a fixed line or a 400/800 number. */
export function isPhone(value: string, landline: boolean): boolean {
  const digits = phoneDigits(value);
  return MOBILE.test(digits) || (landline && LANDLINE.test(digits));
}
