/** The searches behind the search field. */
import { api, dataOf } from '../api/client';
import { exactly } from '../ui/time';
import { caseAddress, taskAddress } from './addresses';

export interface Hit {
  to: string;
  title: string;
  remark: string;
}

const LIMIT = 6;

/** The newest cases whose business key begins with the text, or whose applicant's name does. */
export async function findCases(text: string): Promise<Hit[]> {
  const search = (filter: object) =>
    dataOf(
      api.POST('/v2/process-instances/search', {
        body: { filter, sort: [{ field: 'startDate', order: 'DESC' }], page: { limit: LIMIT } },
      }),
    );
  const found = await Promise.all([
    search({ businessId: { $like: `${likeText(text)}*` } }),
    search({ variables: [{ name: 'applicantName', value: { $like: `"${likeText(text)}*` } }] }),
  ]);
  const cases = new Map(found.flatMap(({ items }) => items).map((each) => [each.processInstanceKey, each]));
  return [...cases.values()].slice(0, LIMIT).map((each) => ({
    to: caseAddress(each.processInstanceKey),
    title: each.businessId || each.processInstanceKey,
    remark: [each.processDefinitionName || each.processDefinitionId, exactly(each.startDate, { short: true })].join(' · '),
  }));
}

/** Open tasks whose name has the text, the most urgent first. */
export async function findTasks(text: string): Promise<Hit[]> {
  const { items } = await dataOf(
    api.POST('/v2/user-tasks/search', {
      body: {
        filter: { state: 'CREATED', $or: [{ name: { $like: `*${likeText(text)}*` } }, { businessId: { $like: `${likeText(text)}*` } }] },
        sort: [{ field: 'dueDate', order: 'ASC' }],
        page: { limit: LIMIT },
      },
    }),
  );
  return items.map((each) => ({
    to: taskAddress(each.userTaskKey),
    title: each.name ?? each.elementId,
    remark: [each.businessId, each.processName, each.assignee].filter(Boolean).join(' · '),
  }));
}

/** `*` and `?` stand for other characters in a `$like`; typed ones stand for themselves. */
function likeText(text: string): string {
  return text.replace(/[\\*?]/g, '\\$&');
}
