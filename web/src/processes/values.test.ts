import { expect, test } from 'vitest';

import { indented, shownValue } from './values';

test('numbers keep their digits', () => {
  expect(shownValue('60000.10').brief).toBe('60000.10');
  expect(shownValue('{"rate":0.1234567890123456789,"n":1.0}').full).toBe('{\n  "rate": 0.1234567890123456789,\n  "n": 1.0\n}');
});

test('texts are shown without quotes, structures on a line and in full', () => {
  expect(shownValue('"同意"')).toEqual({ brief: '同意', full: '同意', plain: '同意', kind: 'text' });
  expect(shownValue('{"a":[1,2],"b":{}}').brief).toBe('{"a": [1, 2], "b": {}}');
  expect(indented('{"a":[],"b":"x, {y}: \\"z\\""}')).toBe('{\n  "a": [],\n  "b": "x, {y}: \\"z\\""\n}');
  expect(shownValue('null').kind).toBe('null');
});

test('what is cut off by the server is shown as far as it goes', () => {
  expect(shownValue('{"a":"xxxx')).toMatchObject({ kind: 'unreadable', full: '{"a":"xxxx' });
});

test('what has no deeper parts is read without brackets and quotes', () => {
  expect(shownValue('{"grade":"A","limit":20000.00,"reason":null}').brief).toBe('grade: A · limit: 20000.00 · reason: null');
  expect(shownValue('["id-card","bank-card"]').brief).toBe('id-card, bank-card');
  expect(shownValue('{"a":"x, {y}: \\"z\\""}').plain).toBe('a: x, {y}: "z"');
  expect(shownValue('[]')).toMatchObject({ brief: '[]', full: '[]', plain: null });
  expect(shownValue('{"a":{"b":1}}').plain).toBeNull();
  const long = shownValue(JSON.stringify(Array.from({ length: 50 }, (_, at) => `document-${at}`)));
  expect(long.brief).toMatch(/…$/);
  expect(long.plain).toMatch(/document-49$/);
});
