import { expect, it } from 'vitest';

import type { PartChange } from '../../../api/schema';
import { marksOf } from './markedFields';

const change = (partId: string, kind: PartChange['change'], partType = 'textfield') =>
  ({ partId, partType, change: kind, properties: [{ property: 'label', label: '标签', oldValue: 'a', newValue: 'b' }] }) as unknown as PartChange;

it('marks fields by what has become of them, a change of what they say above a change of their place', () => {
  const marks = marksOf([change('one', 'changed'), change('two', 'added')], ['one', 'three']);
  expect(Object.fromEntries(Object.entries(marks).map(([id, mark]) => [id, mark.change]))).toEqual({ one: 'changed', two: 'added', three: 'moved' });
  expect(marks.one!.properties.map(({ oldValue, newValue }) => [oldValue, newValue])).toEqual([['a', 'b']]);
});

it('leaves the form itself to the list: it has no field', () => {
  expect(marksOf([change('form', 'changed', 'form')], [])).toEqual({});
});
