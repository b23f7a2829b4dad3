import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { Problem } from '../../api/problem';
import { DraftKeeper, type DraftState, type Values } from './draftKeeper';

let states: DraftState[];
let saved: Values[];
const save = vi.fn<(values: Values) => Promise<string>>();

beforeEach(() => {
  vi.useFakeTimers();
  states = [];
  saved = [];
  save.mockReset().mockImplementation(async (values) => {
    saved.push(values);
    return `at ${saved.length}`;
  });
});
afterEach(() => void vi.useRealTimers());

const keeper = () => new DraftKeeper(save, (state) => void states.push(state));

/** A draft whose first values are on their way until they are let through. */
async function beingSaved() {
  let finish = () => {};
  save.mockImplementationOnce(async (values) => {
    await new Promise<void>((resolve) => (finish = resolve));
    saved.push(values);
    return 'slow';
  });
  const draft = keeper();
  draft.change({ n: 1 });
  await vi.advanceTimersByTimeAsync(1_300);
  return { draft, finish };
}

describe('a draft', () => {
  it('is saved once, a moment after the last key', async () => {
    const draft = keeper();
    draft.change({ comment: '收' });
    await vi.advanceTimersByTimeAsync(800);
    draft.change({ comment: '收入稳定' });
    await vi.advanceTimersByTimeAsync(800);
    expect(saved).toEqual([]);
    await vi.advanceTimersByTimeAsync(800);
    expect(saved).toEqual([{ comment: '收入稳定' }]);
    expect(states.at(-1)).toEqual({ status: 'saved', savedAt: 'at 1' });
    expect(draft.isUnsaved).toBe(false);
  });

  it('is tried again after a failure, with what is newest', async () => {
    save.mockRejectedValueOnce(new Error('offline'));
    const draft = keeper();
    draft.change({ comment: 'a' });
    await vi.advanceTimersByTimeAsync(1_300);
    expect(states.at(-1)?.status).toBe('failed');
    expect(draft.isUnsaved).toBe(true);
    draft.change({ comment: 'ab' });
    await vi.advanceTimersByTimeAsync(1_300);
    expect(saved).toEqual([{ comment: 'ab' }]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(saved).toHaveLength(1);
  });

  it('is tried again without a further key', async () => {
    save.mockRejectedValueOnce(new Error('offline'));
    keeper().change({ comment: 'a' });
    await vi.advanceTimersByTimeAsync(1_300 + 10_100);
    expect(saved).toEqual([{ comment: 'a' }]);
  });

  it('is given up where the server will never take it, until something else is typed', async () => {
    save.mockRejectedValueOnce(new Problem({ status: 409, code: 'user-task.not-assigned' }));
    const draft = keeper();
    draft.change({ comment: 'a' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(save).toHaveBeenCalledTimes(1);
    expect(draft.isUnsaved).toBe(false);
    draft.change({ comment: 'ab' });
    await vi.advanceTimersByTimeAsync(1_300);
    expect(saved).toEqual([{ comment: 'ab' }]);
  });

  it('never has two savings under way, and ends with the newest values', async () => {
    const { draft, finish } = await beingSaved();
    draft.change({ n: 2 });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(save).toHaveBeenCalledTimes(1);
    finish();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(saved).toEqual([{ n: 1 }, { n: 2 }]);
  });

  it('is not saved while the task is submitted, and what is being saved comes first', async () => {
    const { draft, finish } = await beingSaved();
    draft.change({ n: 2 });
    let isHeld = false;
    const held = draft.hold().then(() => (isHeld = true));
    await vi.advanceTimersByTimeAsync(5_000);
    expect(isHeld).toBe(false);
    finish();
    await held;
    expect(saved).toEqual([{ n: 1 }]);
    draft.change({ n: 3 });
    await draft.flush();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(saved).toEqual([{ n: 1 }]);
    expect(draft.isUnsaved).toBe(true);
    // It was not taken.
    draft.goOn();
    await vi.advanceTimersByTimeAsync(1_300);
    expect(saved).toEqual([{ n: 1 }, { n: 3 }]);
  });

  it('is saved at once when the page is hidden, and no more when the task is done', async () => {
    const draft = keeper();
    draft.change({ n: 1 });
    await draft.flush();
    expect(saved).toEqual([{ n: 1 }]);
    draft.change({ n: 2 });
    draft.close();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(saved).toHaveLength(1);
  });
});
