import { expect, it } from 'vitest';

import { chosenRows } from './chosenRows';

const row = (key: string, state: string) => ({ key, state });
const keyOf = ({ key }: { key: string }) => key;

it('takes rows as the table shows them, and keeps those that it shows no more', () => {
  const before = new Map([
    ['a', row('a', 'old')],
    ['b', row('b', 'old')],
    ['c', row('c', 'old')],
  ]);
  const shown = [row('b', 'new'), row('d', 'new'), row('e', 'new')];

  const chosen = chosenRows(new Set(['a', 'b', 'd']), shown, keyOf, before);

  expect([...chosen.values()]).toEqual([row('a', 'old'), row('b', 'new'), row('d', 'new')]);
});
