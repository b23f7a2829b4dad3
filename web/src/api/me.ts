/** Who is signed in, and what they may do. */
import { queryOptions, useSuspenseQuery } from '@tanstack/react-query';

import { api, dataOf } from './client';
import type { CurrentUser } from './schema';

export type Me = CurrentUser;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: () => dataOf(api.GET('/v2/authentication/me')),
  staleTime: Infinity,
});

export function useMe(): Me {
  return useSuspenseQuery(meQuery).data;
}

/** Whether somebody has a permission such as `user-task:claim`, if only for what they have to do with. */
export function may(me: Me, permission: string): boolean {
  return me.permissions.includes(permission);
}

export function useMay(): (permission: string) => boolean {
  const me = useMe();
  return (permission) => may(me, permission);
}
