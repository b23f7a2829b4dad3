import { expect, it } from 'vitest';

import { editableNames, only, said } from './TaskForm';

const schema = JSON.stringify({
  components: [
    { type: 'textfield', key: 'applicationId', readonly: true },
    { type: 'textarea', key: 'comment' },
    { type: 'group', label: '联系人', path: 'contact', components: [{ type: 'textfield', key: 'phone' }] },
  ],
});

it('submits and keeps only what a form can change', () => {
  const values = { applicationId: 'JJ-1', comment: '同意', contact: { phone: '139' }, amount: 1 };
  expect(only(values, editableNames(schema))).toEqual({ comment: '同意', contact: { phone: '139' } });
});

it('takes fields that are merely empty for unchanged', () => {
  expect(said({ comment: '', papers: [], consent: false, amount: 3 })).toBe(said({ amount: 3, comment: null }));
  expect(said({ amount: 3 })).not.toBe(said({ amount: 0 }));
});
