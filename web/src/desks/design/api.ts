/** What this desk asks of the server. */
import { queryOptions } from '@tanstack/react-query';

import { api, dataOf } from '../../api/client';
import type { DecisionTrialResult, Draft, DraftChange, Finding as ServerFinding } from '../../api/schema';
import { currentLanguage } from '../../i18n/strings';

export type Severity = 'error' | 'warning' | 'info';
export interface Finding extends Omit<ServerFinding, 'severity' | 'detail'> {
  severity: Severity;
  detail: string;
}

export type Kind = Draft['kind'];
/** What can be deployed. */
export type DeployedKind = Exclude<Kind, 'scenario'>;

const MEDIA: Readonly<Record<Kind, string>> = {
  bpmn: 'application/xml',
  dmn: 'application/xml',
  form: 'application/json',
  scenario: 'application/yaml',
};
const ENDINGS: Readonly<Record<Kind, string>> = { bpmn: '.bpmn', dmn: '.dmn', form: '.form', scenario: '.scenario.yaml' };

/** The name of the file that a draft is deployed and exported as. */
export function fileName(kind: Kind, name: string): string {
  const ending = ENDINGS[kind];
  const stem = name.trim().replace(/[\\/:*?"<>|\s]+/g, '-') || kind;
  return stem.endsWith(ending) ? stem : `${stem}${ending}`;
}

/** What a file is, by its name and, where that says nothing, by its beginning. */
export function kindOf(name: string, content: string): Kind | null {
  if (/\.bpmn20?\.xml$|\.bpmn$/i.test(name) || /<(\w+:)?definitions[^>]*omg\.org\/spec\/BPMN/.test(content)) return 'bpmn';
  if (/\.dmn$/i.test(name) || /<(\w+:)?definitions[^>]*omg\.org\/spec\/DMN/.test(content)) return 'dmn';
  if (/\.ya?ml$/i.test(name)) return 'scenario';
  if (/\.form$/i.test(name) || /^\s*\{[\s\S]*"components"\s*:/.test(content)) return 'form';
  return null;
}

export function fileOf(kind: Kind, name: string, content: string | Blob): File {
  return new File([content], fileName(kind, name), { type: MEDIA[kind] });
}

/** What the server finds in files; `complete` where they are all that would be deployed together. */
export const lintQuery = (files: readonly File[], contents: readonly string[], complete: boolean) =>
  queryOptions({
    queryKey: ['lint', currentLanguage(), complete, files.map(({ name }) => name), contents],
    queryFn: async ({ signal }) => {
      const body = new FormData();
      for (const file of files) body.append('resources', file, file.name);
      body.append('complete', String(complete));
      const found = await dataOf(api.POST('/v2/deployments/lint', { body: body as never, signal }));
      return { deployable: found.deployable, findings: found.findings as Finding[] };
    },
    staleTime: 60_000,
    gcTime: 60_000,
  });

export const draftQuery = (draftKey: string) =>
  queryOptions({
    queryKey: ['get', '/v2/drafts/{key}', draftKey],
    queryFn: () => dataOf(api.GET('/v2/drafts/{key}', { params: { path: { key: draftKey } } })),
    // What the editor holds is newer than what the server would answer: fetched when the page opens, not again.
    staleTime: Infinity,
    gcTime: 0,
  });

/** Save a change that was made on a revision; a 409 where somebody else was first. */
export function saveDraft(draftKey: string, revision: number, change: DraftChange): Promise<Draft> {
  return dataOf(
    api.PUT('/v2/drafts/{key}', {
      params: { path: { key: draftKey }, header: { 'If-Match': `"${revision}"` } },
      body: change,
    }),
  );
}

/** What the paths of the API call a kind. */
export type DefinitionKind = 'process' | 'decisionRequirements' | 'form';

export const DEFINITION_KINDS: Readonly<Record<DefinitionKind, DeployedKind>> = {
  process: 'bpmn',
  decisionRequirements: 'dmn',
  form: 'form',
};

export const repositoryQuery = queryOptions({
  queryKey: ['get', '/v2/repository'],
  queryFn: () => dataOf(api.GET('/v2/repository')),
});

/** The drafts that can be deployed, and whether what is in them is published. */
export const draftsQuery = queryOptions({
  queryKey: ['get', '/v2/repository/drafts'],
  queryFn: () => dataOf(api.GET('/v2/repository/drafts')),
});

export const versionsQuery = (kind: DefinitionKind, definitionId: string) =>
  queryOptions({
    queryKey: ['get', '/v2/repository/{kind}/{definition_id}/versions', kind, definitionId],
    queryFn: () => dataOf(api.GET('/v2/repository/{kind}/{definition_id}/versions', { params: { path: { kind, definition_id: definitionId } } })),
  });

/** The text of a deployed file; it never changes. */
export const contentQuery = (resourceKey: string) =>
  queryOptions({
    queryKey: ['get', '/v2/resources/{key}/content', resourceKey],
    queryFn: async () => {
      const answer = await api.GET('/v2/resources/{key}/content', { params: { path: { key: resourceKey } }, parseAs: 'text' });
      return answer.data as unknown as string;
    },
    staleTime: Infinity,
  });

export const resourceQuery = (resourceKey: string) =>
  queryOptions({
    queryKey: ['get', '/v2/resources/{key}', resourceKey],
    queryFn: () => dataOf(api.GET('/v2/resources/{key}', { params: { path: { key: resourceKey } } })),
    staleTime: Infinity,
  });

/** What a decision is asked. */
export interface Trial {
  /** The file as it is, deployed or not. */
  content: string;
  decisionDefinitionId: string;
  variables: Record<string, unknown>;
  /** The models that the file is to import. */
  imports: readonly ({ draftKey: string } | { resourceKey: string })[];
}

export function tryDecision(trial: Trial): Promise<DecisionTrialResult> {
  return dataOf(api.POST('/v2/decision-definitions/trial', { body: trial as never }));
}
