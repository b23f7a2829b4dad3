// @vitest-environment happy-dom
import { readFileSync } from 'node:fs';

import { beforeAll, expect, it } from 'vitest';

import { text } from '../../i18n/shell';
import { i18n } from '../../i18n/strings';
import { amountValue } from './fields';
import { inOurWords, ownErrors } from './validation';

beforeAll(() => i18n.changeLanguage('zh'));

it('has words for every sentence that the form viewer can say about a value', () => {
  const viewer = readFileSync('node_modules/@bpmn-io/form-js-viewer/dist/index.es.js', 'utf8');
  const validator = viewer.slice(viewer.indexOf('function runNumberValidation'), viewer.indexOf('function oldEvaluateFEELValues'));
  const sentences = [...validator.matchAll(/errors\.push\((?:validation\.patternErrorMessage \|\| )?(['`])(.*?)\1/g)].map(([, , sentence]) =>
    sentence!.replace(/\$\{[^}]*\}/g, '7'),
  );
  expect(sentences.length).toBeGreaterThan(8);
  for (const sentence of sentences) {
    if (/^(Value is expected to |Min validation|Max validation)/.test(sentence)) continue;
    expect(inOurWords(sentence, text), sentence).toMatch(/[\u4e00-\u9fff]/);
  }
  expect(inOurWords('Value is expected to be an integer.', text)).toBe('请输入整数。');
  expect(inOurWords('Value is expected to have at most 2 decimal digits.', text)).toBe('最多 2 位小数。');
});

it('writes the limits of an amount as amounts', () => {
  expect(inOurWords('Field must have maximum value of 80000.', text, true)).toBe('不能大于 80,000.00。');
  expect(inOurWords('Field must have minimum value of 1000.5.', text, true)).toBe('不能小于 1,000.50。');
  expect(inOurWords('Field must have maximum value of 80000.', text)).toBe('不能大于 80000。');
});

it("leaves a designer's own sentence alone", () => {
  expect(inOurWords('请按合同填写', text)).toBe('请按合同填写');
});

it.each([
  [{ type: 'money' }, '60,000.00', []],
  [{ type: 'money' }, '1.005', ['最多 2 位小数。']],
  [{ type: 'money', decimalDigits: 3 }, '1.005', []],
  [{ type: 'money' }, '六万', ['请输入金额，如 60000 或 60,000.00。']],
  [{ type: 'resident-id' }, '110101199003070021', ['身份证号的校验位不正确，请核对。']],
  [{ type: 'phone-cn' }, '021-62345678', ['请输入 11 位手机号，如 13900001234。']],
  [{ type: 'phone-cn', landline: true }, '021-62345678', []],
  [{ type: 'money' }, '', []],
  [{ type: 'textfield' }, 'anything', []],
])('%j with %j: %j', (field, value, errors) => {
  expect(ownErrors(field, value, text)).toEqual(errors);
});

it('keeps an amount exact: as a number where that holds all digits, else as text', () => {
  expect(amountValue('60,000.50')).toBe(60000.5);
  expect(amountValue('12345678901234.56')).toBe('12345678901234.56');
  expect(amountValue('')).toBeNull();
  expect(amountValue('many')).toBe('many');
});
