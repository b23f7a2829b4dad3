import { describe, expect, it } from 'vitest';

import { fieldOffering, fieldsOf, optionText, submitCaption } from './formFields';

const schema = JSON.stringify({
  components: [
    { type: 'text', text: '### 申请\n\n说明' },
    { type: 'textfield', key: 'applicationId', label: '进件号', readonly: true },
    { type: 'select', key: 'loanProduct', label: '贷款产品', values: [{ label: '消费贷', value: 'consumer' }, { label: '经营贷', value: 'business' }] },
    { type: 'expression', key: 'monthly', expression: '=1' },
    { type: 'group', label: '联系人', path: 'contact', components: [{ type: 'textfield', key: 'phone', label: '手机号' }] },
    { type: 'button', action: 'reset', label: '重填' },
    { type: 'button', action: 'submit', label: '同意放款' },
  ],
});

describe('the fields of a form', () => {
  it('have the labels, the headings and the paths of the form', () => {
    expect(fieldsOf(schema).map(({ path, label, group }) => [path, label, group])).toEqual([
      ['applicationId', '进件号', '申请'],
      ['loanProduct', '贷款产品', '申请'],
      ['contact.phone', '手机号', '联系人'],
    ]);
  });

  it('know what is only shown', () => {
    expect(fieldsOf(schema).filter(({ readOnly }) => readOnly).map(({ path }) => path)).toEqual(['applicationId']);
  });

  it('name chosen values, one or several, and leave others as they are', () => {
    const product = fieldsOf(schema)[1];
    expect(optionText(product, 'consumer')).toBe('消费贷');
    expect(optionText(product, ['business', 'other'])).toBe('经营贷、other');
    expect(optionText(fieldsOf(schema)[0], 'consumer')).toBeNull();
  });

  it('are none where there is no readable form', () => {
    expect(fieldsOf(undefined)).toEqual([]);
    expect(fieldsOf('{')).toEqual([]);
  });
});

it('takes the caption of the button that submits', () => {
  expect(submitCaption(schema)).toBe('同意放款');
  expect(submitCaption('{"components":[]}')).toBeNull();
});

it('name the codes of a list that one of them offers, and of no other', () => {
  const several = (type: string, key: string, ...values: string[]) => ({ type, key, label: key, values: values.map((value) => ({ value, label: `(${value})` })) });
  const fields = fieldsOf(JSON.stringify({ components: [several('checklist', 'documents', 'id-card', 'bank-card'), several('taglist', 'more', 'bank-card'), several('select', 'one', 'payslip')] }));
  expect(fieldOffering(fields, ['id-card', 'bank-card'])?.path).toBe('documents');
  expect(fieldOffering(fields, ['bank-card'])).toBeUndefined();
  expect(fieldOffering(fields, ['id-card', 'passport'])).toBeUndefined();
  expect(fieldOffering(fields, ['payslip'])).toBeUndefined();
  expect(fieldOffering(fields, [])).toBeUndefined();
});
