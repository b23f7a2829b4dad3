/** What cases are about, for lists of cases. */
import { api, dataOf } from '../../api/client';
import { FACT_NAMES, factsOf, valueOf, type Facts } from './facts';

/** By the key of the instance; instances that have none of the facts are not in it. */
export async function factsByInstance(keys: readonly string[]): Promise<Map<string, Facts>> {
  if (keys.length === 0) return new Map();
  const filter = { processInstanceKey: { $in: [...keys] }, scopeKey: { $in: [...keys] }, name: { $in: FACT_NAMES } };
  const body = { filter, page: { limit: keys.length * FACT_NAMES.length } };
  const variables = new Map<string, Record<string, unknown>>();
  for (const { processInstanceKey, name, value, isTruncated } of (await dataOf(api.POST('/v2/variables/search', { body }))).items) {
    if (!isTruncated) variables.set(processInstanceKey, { ...variables.get(processInstanceKey), [name]: valueOf(value) });
  }
  return new Map([...variables].map(([key, named]) => [key, factsOf(named)]));
}
