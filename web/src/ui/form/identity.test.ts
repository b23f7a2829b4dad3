import { expect, it } from 'vitest';

import { identityFault, isPhone, phoneDigits } from './identity';

it.each([
  ['11010119900307002X', null],
  ['11010119900307002x', null],
  ['110101199003070021', 'check'],
  ['1101011990030700', 'length'],
  ['110101199002300022', 'date'],
])('%s: %s', (number, fault) => {
  expect(identityFault(number)).toBe(fault);
});

it.each([
  ['139 0000 1234', false, true],
  ['+86 139-0000-1234', false, true],
  ['8613900001234', false, true],
  ['021-12345678', false, false],
  ['021-62345678', true, true],
  ['4008001234', true, true],
  ['12900001234', true, false],
])('%s, landline %s: %s', (number, landline, valid) => {
  expect(isPhone(number, landline)).toBe(valid);
});

it('keeps the digits only', () => {
  expect(phoneDigits('（021）6234 5678')).toBe('02162345678');
});
