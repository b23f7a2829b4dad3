/** The files that are published together with a draft, as they are saved when the dialog opens: what is checked is sent. */
import { useQueries, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';

import { api, dataOf } from '../../../api/client';
import { useMe } from '../../../api/me';
import type { Draft } from '../../../api/schema';
import { fileName, fileOf, lintQuery, type Finding } from '../api';
import type { useDraft } from '../draft/useDraft';
import { bundleOf, fileNames, membersOf, takenOver, type Choice, type Part, type Source } from './bundle';

const NOT_ALONG = 'bpmn.reference-not-in-deployment';
const ONCE = { staleTime: Infinity, gcTime: 0 } as const;

export function useBundle(draft: Draft, name: string, { autosave }: ReturnType<typeof useDraft>) {
  const { username } = useMe();
  const [choice, choose] = useState<Choice>(new Map());
  const known = useQuery({
    ...ONCE,
    queryKey: ['publish', draft.draftKey],
    queryFn: async () => {
      await autosave.flush();
      if ('problem' in autosave.state) throw autosave.state.problem;
      const [drafts, published] = await Promise.all([dataOf(api.GET('/v2/repository/drafts')), dataOf(api.GET('/v2/repository'))]);
      return membersOf(drafts.items, published.items, username);
    },
  });
  const parts = useMemo(() => bundleOf(known.data ?? [], draft.draftKey, choice), [known.data, draft.draftKey, choice]);
  const sent = useMemo(() => parts.filter(({ isSent }) => isSent), [parts]);
  const contents = useQueries({
    queries: sent.map(({ source }) => ({
      ...ONCE,
      queryKey: ['publish', draft.draftKey, source.key],
      queryFn: () => contentOf(source),
    })),
    combine: (results) => ({ all: results.map(({ data }) => data), error: results.find(({ error }) => error)?.error ?? null }),
  });
  const names = fileNames(sent, ({ member, source, reason }) => fileName(member.kind, reason === 'own' ? name : source.name));
  const found = contents.all.filter((content) => content !== undefined);
  const isRead = sent.length > 0 && found.length === sent.length;
  const files = isRead ? sent.map(({ member }, index) => fileOf(member.kind, names[index]!, found[index]!)) : [];
  const identities = found.map((content, index) => (typeof content === 'string' ? content : sent[index]!.source.key));
  const lint = useQuery({ ...lintQuery(files, identities, true), enabled: isRead });
  const of = new Map(names.map((file, index) => [file, sent[index]!]));
  return {
    parts,
    sent,
    takenOver: takenOver(parts, known.data ?? []),
    files,
    /** What the server finds; of files that are sent as they were published only what refuses them. */
    findings: lint.data?.findings.filter((finding) => isToldHere(finding, of.get(finding.resource ?? ''), sent)),
    isDeployable: lint.data?.deployable ?? false,
    error: known.error ?? contents.error ?? lint.error,
    retry: () => void (known.error ? known.refetch() : lint.refetch()),
    partOf: (resource: string): Part | undefined => of.get(resource),
    change: (key: string, change: { isSent?: boolean; source?: string }) => choose((before) => new Map(before).set(key, { ...before.get(key), ...change })),
  };
}

/** Warnings of files that are sent as they were published are old; a file that is sent but faulty is not missing. */
function isToldHere({ severity, code }: Finding, part: Part | undefined, sent: readonly Part[]): boolean {
  if (severity !== 'error') return part?.source.draftKey !== null;
  const isSent = (definition: string) => sent.some(({ source }) => source.definitions.includes(definition));
  return code !== NOT_ALONG || !part?.source.uses.every(({ target, isBound }) => !isBound || isSent(target));
}

/** A draft's text; the bytes of a version, for it is the same version only where they are the same. */
async function contentOf({ draftKey, resourceKey }: Source): Promise<string | Blob> {
  if (draftKey !== null) return (await dataOf(api.GET('/v2/drafts/{key}', { params: { path: { key: draftKey } } }))).content;
  const answer = await api.GET('/v2/resources/{key}/content/binary', { params: { path: { key: resourceKey! } }, parseAs: 'blob' });
  return answer.data as unknown as Blob;
}
