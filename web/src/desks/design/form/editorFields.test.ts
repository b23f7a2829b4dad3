// @vitest-environment happy-dom
import { expect, it } from 'vitest';

import { OUR_FIELDS } from '../../../ui/form/fields';
import { keyOf } from './editorFields';

it.each([...OUR_FIELDS.keys()])('gives a new %s a key that is a name', (type) => {
  expect(keyOf(type)).toMatch(/^[A-Za-z]+_\w+$/);
  expect(keyOf(type)).not.toBe(keyOf(type));
});
