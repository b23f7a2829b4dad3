/** Notes in drafts what they have been published as; nobody who works on them is overtaken by it. */
import { api, dataOf } from '../../../api/client';
import { asProblem } from '../../../api/problem';
import { saveDraft } from '../api';
import type { Part } from './bundle';
import type { DeployedThing } from './deployedItems';

const TRIES = 3;

/** Settle the drafts among the parts; gives what went wrong with any of them. */
export async function settle(parts: readonly Part[], things: readonly DeployedThing[]): Promise<unknown[]> {
  const drafts = parts.flatMap(({ source }) => {
    const [, id] = source.definitions[0]?.split(/ (.*)/) ?? [];
    const thing = things.find((each) => each.id === id);
    return source.draftKey !== null && thing ? [{ draftKey: source.draftKey, thing }] : [];
  });
  const results = await Promise.allSettled(drafts.map(({ draftKey, thing }) => note(draftKey, thing)));
  return results.filter((result) => result.status === 'rejected').map(({ reason }) => reason as unknown);
}

async function note(draftKey: string, thing: DeployedThing, tried = 1): Promise<void> {
  const { revision } = await dataOf(api.GET('/v2/drafts/{key}', { params: { path: { key: draftKey } } }));
  try {
    await saveDraft(draftKey, revision, { definitionId: thing.id, baseResourceKey: thing.resourceKey });
  } catch (error) {
    if (!asProblem(error).isConflict || tried === TRIES) throw error;
    await note(draftKey, thing, tried + 1);
  }
}
