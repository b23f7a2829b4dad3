/** The decision models that a draft imports, with their texts: as they would be published along, or as somebody chooses. */
import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

import { api, dataOf } from '../../../api/client';
import { useMe } from '../../../api/me';
import { usePreference } from '../../../shell/preferences';
import { contentQuery, draftsQuery, repositoryQuery } from '../api';
import { importedBy, membersOf, type Imported } from '../deploy/bundle';

export interface ImportedModels {
  models: readonly Imported[];
  texts: readonly string[];
  choose: (memberKey: string, sourceKey: string) => void;
}

export function useImported(draftKey: string): ImportedModels {
  const { username } = useMe();
  const drafts = useQuery(draftsQuery);
  const repository = useQuery(repositoryQuery);
  const [choice, choose] = usePreference<Readonly<Record<string, string>>>(`design.imports.${draftKey}`, NONE);
  const models = useMemo(
    () => (drafts.data && repository.data ? importedBy(membersOf(drafts.data.items, repository.data.items, username), draftKey, choice) : []),
    [drafts.data, repository.data, username, draftKey, choice],
  );
  const texts = useQueries({
    queries: models.map(({ source }) => (source.draftKey === null ? contentQuery(source.resourceKey!) : draftTextQuery(source.draftKey, source.revision))),
    combine: (all) => all.flatMap(({ data }) => data ?? []),
  });
  return { models, texts, choose: (memberKey, sourceKey) => choose({ ...choice, [memberKey]: sourceKey }) };
}

const NONE = {};

/** The text of a draft of which a revision is known. */
const draftTextQuery = (draftKey: string, revision: number) => ({
  queryKey: ['text of a draft', draftKey, revision],
  queryFn: async () => (await dataOf(api.GET('/v2/drafts/{key}', { params: { path: { key: draftKey } } }))).content,
});
