/** The business keys of instances, where the API gives only the keys of the instances. */
import { useQuery } from '@tanstack/react-query';

import { api, dataOf } from '../../api/client';

type BusinessIds = ReadonlyMap<string, string>;

async function businessIdsOf(keys: readonly string[]): Promise<BusinessIds> {
  const body = { filter: { processInstanceKey: { $in: [...keys] } }, page: { limit: keys.length } };
  const { items } = await dataOf(api.POST('/v2/process-instances/search', { body }));
  return new Map(items.flatMap(({ processInstanceKey, businessId }) => (businessId === null ? [] : [[processInstanceKey, businessId]])));
}

const each = (keys: readonly (string | null)[]) => [...new Set(keys.filter((key) => key !== null))];

/** The business keys of instances, by the instance's key. */
export function useBusinessIds(keys: readonly string[]): BusinessIds {
  const asked = each(keys);
  const { data } = useQuery({
    queryKey: ['post', '/v2/process-instances/search', 'businessIds', asked],
    queryFn: () => businessIdsOf(asked),
    enabled: asked.length > 0,
  });
  return data ?? new Map();
}

/** A page of rows, each with the business key of its instance. */
export async function withBusinessIds<Row extends { processInstanceKey: string | null }, Page extends { items: Row[] }>(
  page: Page,
): Promise<Omit<Page, 'items'> & { items: (Row & { businessId: string | null })[] }> {
  const keys = each(page.items.map(({ processInstanceKey }) => processInstanceKey));
  const known: BusinessIds = keys.length > 0 ? await businessIdsOf(keys) : new Map();
  return { ...page, items: page.items.map((row) => ({ ...row, businessId: known.get(row.processInstanceKey ?? '') ?? null })) };
}
