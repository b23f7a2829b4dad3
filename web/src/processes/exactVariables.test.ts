import { expect, test } from 'vitest';

import { isObject, withVariables } from './exactVariables';

test('numbers are sent as they were typed', () => {
  const { body, bodySerializer } = withVariables({ reason: '$&更正利率' }, '{"rate": 0.12345678901234567890, "note": "$&"}');
  expect(bodySerializer(body)).toBe('{"reason":"$&更正利率","variables":{"rate": 0.12345678901234567890, "note": "$&"}}');
});

test('only an object holds variables', () => {
  expect(['{"a":1}', '[1]', 'null', '{a:1}'].map(isObject)).toEqual([true, false, false, false]);
});
