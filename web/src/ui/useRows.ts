/** The rows of a search, page by page with the server's cursors. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef } from 'react';

import { asProblem } from '../api/problem';
import { beginning, following, isOldIn, LIMIT, nextCursor, refreshed, type Pages, type SearchPage, type Sight } from './pages';

export type { SearchPage } from './pages';

export interface Sort {
  field: string;
  order: 'ASC' | 'DESC';
}

export interface SearchRequest {
  sort: Sort[];
  page: { limit: number; after?: string };
}

const NOTHING_SEEN: Sight = { first: 0, end: 0 };
const retry = (failures: number, error: Error) => failures < 2 && asProblem(error).mayPass;

export function useRows<Row>(
  queryKey: readonly unknown[],
  sort: Sort[],
  search: (request: SearchRequest) => Promise<SearchPage<Row>>,
  rowKey: (row: Row) => string,
) {
  const cache = useQueryClient();
  const key = [...queryKey, { sort }];
  const name = JSON.stringify(key);
  const sight = useRef({ name, seen: NOTHING_SEEN });
  const read = (after: string | null) => search({ sort, page: { limit: LIMIT, ...(after !== null && { after }) } });

  const found = useQuery({
    queryKey: key,
    queryFn: async () => {
      const known = cache.getQueryData<Pages<Row>>(key);
      if (!known) return beginning(read);
      const put = await refreshed(known, sight.current.name === name ? sight.current.seen : NOTHING_SEEN, read, rowKey);
      // Rows may have changed in their places meanwhile.
      return put(cache.getQueryData<Pages<Row>>(key) ?? known);
    },
    placeholderData: keepPreviousData,
    // Comparing 100,000 rows with what they were takes longer than drawing those that are seen.
    structuralSharing: false,
  });
  const more = useMutation({
    mutationFn: (after: string) => following(after, read, rowKey).then((put) => ({ put, key })),
    // It is no news of the pages that were there already.
    onSuccess: ({ put, key }) =>
      cache.setQueryData<Pages<Row>>(key, (now) => now && put(now), { updatedAt: cache.getQueryState(key)?.dataUpdatedAt }),
    retry,
  });

  const data = found.isPlaceholderData ? undefined : found.data;
  const next = data ? nextCursor(data) : null;
  const { isFetching, isError, refetch } = found;
  const { reset } = more;
  useEffect(() => reset(), [name, reset]);
  /** Told which rows are in sight: those are read anew when something has happened, and at once where they are old. */
  const look = useCallback(
    (seen: Sight) => {
      sight.current = { name, seen };
      if (data && !isFetching && !isError && isOldIn(data, seen)) void refetch();
    },
    [name, data, isFetching, isError, refetch],
  );
  const rows = useMemo(() => found.data?.pages.flatMap(({ items }) => items) ?? [], [found.data]);
  const newest = (found.data?.pages.find(({ isOld }) => !isOld) ?? found.data?.pages[0])?.page;
  return {
    rows,
    data: found.data,
    total: newest?.totalItems ?? 0,
    isMoreThanCounted: newest?.hasMoreTotalItems ?? false,
    isPending: found.isPending,
    isFetching: isFetching || more.isPending,
    isRefetching: found.isRefetching,
    error: found.error ?? more.error,
    refetch: () => (more.reset(), refetch()),
    look,
    hasNextPage: next !== null,
    isFetchingNextPage: more.isPending,
    fetchNextPage: () => next !== null && !isFetching && more.mutate(next),
  };
}
