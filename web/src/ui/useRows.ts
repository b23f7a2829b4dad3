/** The rows of a search, page by page with the server's cursors. */
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

export interface Sort {
  field: string;
  order: 'ASC' | 'DESC';
}

export interface SearchRequest {
  sort: Sort[];
  page: { limit: number; after?: string };
}

export interface SearchPage<Row> {
  items: Row[];
  page: { totalItems: number; hasMoreTotalItems: boolean; endCursor?: string | null };
}

const LIMIT = 100;

export function useRows<Row>(
  queryKey: readonly unknown[],
  sort: Sort[],
  search: (request: SearchRequest) => Promise<SearchPage<Row>>,
) {
  const found = useInfiniteQuery({
    queryKey: [...queryKey, { sort }],
    queryFn: ({ pageParam }) => search({ sort, page: { limit: LIMIT, ...(pageParam !== null && { after: pageParam }) } }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => (last.items.length < LIMIT ? null : (last.page.endCursor ?? null)),
    placeholderData: keepPreviousData,
    // Comparing 100,000 rows with what they were takes longer than drawing those that are seen.
    structuralSharing: false,
  });
  const rows = useMemo(() => found.data?.pages.flatMap(({ items }) => items) ?? [], [found.data]);
  const page = found.data?.pages[0]?.page;
  return { ...found, rows, total: page?.totalItems ?? 0, isMoreThanCounted: page?.hasMoreTotalItems ?? false };
}
