import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { Problem } from '../../../api/problem';
import { Autosave } from './autosave';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function autosave(save: (revision: number, content: string) => Promise<{ revision: number }>) {
  let content = 'a';
  const saving = new Autosave({ revision: 1, read: async () => content, save });
  const type = (text: string) => {
    content = text;
    saving.changed();
  };
  return { saving, type };
}

it('saves once, some time after the last of several changes', async () => {
  const save = vi.fn(async (revision: number) => ({ revision: revision + 1 }));
  const { saving, type } = autosave(save);
  type('ab');
  await vi.advanceTimersByTimeAsync(1_000);
  type('abc');
  await vi.advanceTimersByTimeAsync(1_000);
  expect(save).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(300);
  expect(save.mock.calls).toEqual([[1, 'abc']]);
  expect([saving.state.state, saving.revision, saving.isUnsaved]).toEqual(['saved', 2, false]);
});

it('saves what is typed during a save afterwards, on its revision', async () => {
  const waiting: (() => void)[] = [];
  const save = vi.fn((revision: number, _text: string) => new Promise<{ revision: number }>((done) => waiting.push(() => done({ revision: revision + 1 }))));
  const { saving, type } = autosave(save);
  type('b');
  await vi.advanceTimersByTimeAsync(1_300);
  type('c');
  await vi.advanceTimersByTimeAsync(1_300);
  expect(save).toHaveBeenCalledTimes(1);
  waiting.shift()!();
  await vi.advanceTimersByTimeAsync(1_300);
  expect(save.mock.calls).toEqual([
    [1, 'b'],
    [2, 'c'],
  ]);
  waiting.shift()!();
  await vi.advanceTimersByTimeAsync(0);
  expect(saving.isUnsaved).toBe(false);
});

it('stops where somebody else was first, and goes on from their revision', async () => {
  const save = vi.fn(async (revision: number) => {
    if (revision === 1) throw new Problem({ status: 409, code: 'draft.overtaken', detail: 'xu.li' });
    return { revision: revision + 1 };
  });
  const { saving, type } = autosave(save);
  type('b');
  await vi.advanceTimersByTimeAsync(1_300);
  expect(saving.state).toMatchObject({ state: 'overtaken', problem: { message: 'xu.li' } });
  type('c');
  await vi.advanceTimersByTimeAsync(60_000);
  expect(save).toHaveBeenCalledTimes(1);
  saving.continueFrom(5);
  type('d');
  await saving.flush();
  expect(save.mock.lastCall).toEqual([5, 'd']);
  expect(saving.revision).toBe(6);
});

it('tries again by itself where the server could not be reached', async () => {
  let isDown = true;
  const save = vi.fn(async (revision: number) => {
    if (isDown) throw new Problem({ status: 0, code: 'web.unreachable' });
    return { revision: revision + 1 };
  });
  const { saving, type } = autosave(save);
  type('b');
  await vi.advanceTimersByTimeAsync(1_300);
  expect([saving.state.state, saving.isUnsaved]).toEqual(['failed', true]);
  isDown = false;
  await vi.advanceTimersByTimeAsync(10_000);
  expect([saving.state.state, saving.isUnsaved]).toEqual(['saved', false]);
});
