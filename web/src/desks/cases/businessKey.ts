/** The cases of a business key. */
import { useQuery } from '@tanstack/react-query';

import { api, dataOf } from '../../api/client';
import { MOST } from './caseData';

/** All instances that have a business key; what was called has that of its caller. */
export function useCasesOf(businessId: string) {
  return useQuery({
    queryKey: ['post', '/v2/process-instances/search', 'business', businessId],
    queryFn: async () => {
      const body = { filter: { businessId }, sort: [{ field: 'processInstanceKey' as const, order: 'ASC' as const }], page: { limit: MOST } };
      return (await dataOf(api.POST('/v2/process-instances/search', { body }))).items;
    },
  });
}
