/** The texts of the decision models that a draft imports, found where the server looks for them: published, or else in a draft. */
import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { contentQuery, draftQuery, draftsQuery, repositoryQuery } from '../api';

export function useImported(draftKey: string): string[] {
  const drafts = useQuery(draftsQuery);
  const uses = drafts.data?.items.find((each) => each.draftKey === draftKey)?.uses ?? [];
  const ids = [...new Set(uses.filter(({ kind }) => kind === 'decisionRequirements').map(({ id }) => id))];
  const repository = useQuery({ ...repositoryQuery, enabled: ids.length > 0 });
  const published = repository.data?.items.filter(({ kind, id }) => kind === 'decisionRequirements' && ids.includes(id)) ?? [];
  const others = ids
    .filter((wanted) => repository.data && !published.some(({ id }) => id === wanted))
    .map((wanted) => drafts.data!.items.find(({ definitions }) => definitions.some(({ kind, id }) => kind === 'decisionRequirements' && id === wanted))?.draftKey)
    .filter((key) => key !== undefined);
  const versions = useQueries({ queries: published.map(({ latest }) => contentQuery(latest.resourceKey)), combine: (all) => all.flatMap(({ data }) => data ?? []) });
  const drawn = useQueries({ queries: others.map(draftQuery), combine: (all) => all.flatMap(({ data }) => data?.content ?? []) });
  return useMemo(() => [...versions, ...drawn], [versions, drawn]);
}
