/** The search behind the search field: what was found, as links. */
import { api, dataOf } from '../api/client';
import { may, type Me } from '../api/me';
import type { FoundCase, FoundDefinition, FoundTask } from '../api/schema';
import { exactly } from '../ui/time';
import { caseAddress, definitionAddress } from './addresses';
import { taskPlace } from './desks';

export interface Hit {
  to: string;
  title: string;
  remark: string;
  /** Who has to do with it, by user name. */
  person?: string | null;
}

export interface Found {
  cases: Hit[];
  tasks: Hit[];
  definitions: Hit[];
}

const LIMIT = 6;

/** Cases by business key or applicant, open tasks, and what designers draw; each sees what is theirs to see. */
export async function find(text: string, me: Me, signal: AbortSignal): Promise<Found> {
  const found = await dataOf(api.GET('/v2/search', { params: { query: { q: text, limit: LIMIT } }, signal }));
  return {
    cases: found.cases.map(caseHit),
    tasks: found.userTasks.map((each) => taskHit(each, me)),
    definitions: may(me, 'deployment:create') ? found.definitions.map(definitionHit) : [],
  };
}

const remarkOf = (...parts: (string | null | undefined)[]) => parts.filter(Boolean).join(' · ');

const caseHit = (each: FoundCase): Hit => ({
  to: caseAddress(each.processInstanceKey),
  title: each.businessId || each.processInstanceKey,
  remark: remarkOf(each.applicant, each.processDefinitionName || each.processDefinitionId, exactly(each.startDate, { short: true })),
});

const taskHit = (each: FoundTask, me: Me): Hit => ({
  to: taskPlace(me, each.userTaskKey, each.processInstanceKey),
  title: each.name ?? each.elementId,
  remark: remarkOf(each.businessId, each.applicant),
  person: each.assignee,
});

const definitionHit = ({ kind, id, name, version, decisionRequirementsId }: FoundDefinition): Hit => ({
  to:
    kind === 'process'
      ? definitionAddress('bpmn', id)
      : kind === 'form'
        ? definitionAddress('form', id)
        : definitionAddress('dmn', decisionRequirementsId!),
  title: name || id,
  remark: remarkOf(name ? id : null, `v${version}`),
});
