import { describe, expect, it } from 'vitest';

import { amountOfInput, compareAmounts, grouped, inCapitals } from './amount';

describe('an amount in capitals', () => {
  // The first five are the examples of 《支付结算办法》, annex 1.
  it.each([
    ['1409.50', '壹仟肆佰零玖元伍角整'],
    ['6007.14', '陆仟零柒元壹角肆分'],
    ['1680.32', '壹仟陆佰捌拾元零叁角贰分'],
    ['107000.53', '壹拾万柒仟元零伍角叁分'],
    ['16409.02', '壹万陆仟肆佰零玖元零贰分'],
    ['325.04', '叁佰贰拾伍元零肆分'],
    ['0', '零元整'],
    ['0.00', '零元整'],
    ['0.05', '伍分'],
    ['0.50', '伍角整'],
    ['10', '壹拾元整'],
    ['60000', '陆万元整'],
    ['100000001', '壹亿零壹元整'],
    ['1000100000000', '壹万零壹亿元整'],
    ['9999999999999999.99', '玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分'],
    ['100010000', '壹亿零壹万元整'],
    ['-12.30', '负壹拾贰元叁角整'],
    ['00012.3000', '壹拾贰元叁角整'],
  ])('%s is %s', (amount, capitals) => {
    expect(inCapitals(amount)).toBe(capitals);
  });

  it.each(['1.234', '12345678901234567', 'many', '1e3', ''])('does not exist for %j', (amount) => {
    expect(inCapitals(amount)).toBeNull();
  });
});

describe('an amount with separators', () => {
  it.each([
    ['60000', '60,000.00'],
    ['1234567.8', '1,234,567.80'],
    ['0.005', '0.005'],
    ['-999', '-999.00'],
    ['-0.00', '0.00'],
    ['12345678901234567890.12', '12,345,678,901,234,567,890.12'],
  ])('%s is %s', (amount, text) => {
    expect(grouped(amount)).toBe(text);
  });
});

describe('an amount as it is typed', () => {
  it.each([
    ['60,000.50', '60000.50'],
    ['￥６００００', '60000'],
    [' 60 000元 ', '60000'],
    ['.5', '0.5'],
    ['12.', '12'],
    ['-0', '0'],
    ['1.2.3', null],
    ['六万', null],
    ['1e5', null],
  ])('%j is %j', (typed, amount) => {
    expect(amountOfInput(typed)).toBe(amount);
  });
});

it('orders amounts by their exact values', () => {
  expect(compareAmounts('0.1', '0.10')).toBe(0);
  expect(compareAmounts('9007199254740993', '9007199254740992')).toBe(1);
  expect(compareAmounts('-2', '-1.5')).toBe(-1);
});
