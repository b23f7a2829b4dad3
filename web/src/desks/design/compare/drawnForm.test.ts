import { expect, it } from 'vitest';

import { drawnForm } from './drawnForm';

const drawn = (components: object[]) => (drawnForm(JSON.stringify({ id: 'f', type: 'default', components })) as { components: object[] }).components;

it('names fields as the server does: by id, else by key, else by place', () => {
  expect(drawn([{ type: 'text', text: 'a' }, { type: 'number', key: 'n' }, { type: 'group', components: [{ type: 'spacer' }] }, { type: 'text', id: 't' }])).toEqual([
    { type: 'text', text: 'a', id: 'f/1' },
    { type: 'number', key: 'n', id: 'n' },
    { type: 'group', id: 'f/3', components: [{ type: 'spacer', id: 'f/3/4' }] },
    { type: 'text', id: 't' },
  ]);
});

it('draws what a condition hides, and an item of every list', () => {
  expect(drawn([{ type: 'number', id: 'n', conditional: { hide: '=true' } }])).toEqual([{ type: 'number', id: 'n' }]);
  expect(drawn([{ type: 'dynamiclist', id: 'l', defaultRepetitions: 0, components: [] }])).toEqual([{ type: 'dynamiclist', id: 'l', defaultRepetitions: 1, components: [] }]);
});
