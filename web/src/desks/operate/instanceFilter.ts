/** What the list of instances is filtered by: in the page's address, and as the search asks for it. */
import dayjs from 'dayjs';

import type { ProcessInstanceFilter } from '../../api/schema';
import { zone } from '../../ui/time';

export const NO_FILTER = {
  state: '',
  process: '',
  version: '',
  businessId: '',
  key: '',
  element: '',
  error: '',
  from: '',
  to: '',
  level: '',
  batch: '',
};
export type InstanceQuestion = typeof NO_FILTER;

/** The search's filter; what is empty does not filter. Days are those of the business's zone, both inclusive. */
export function instanceFilter(asked: InstanceQuestion): ProcessInstanceFilter {
  const day = (text: string, after = 0) => dayjs.tz(text, zone()).add(after, 'day').toISOString();
  const from = isDay(asked.from) && { $gte: day(asked.from) };
  const to = isDay(asked.to) && { $lt: day(asked.to, 1) };
  return {
    ...(asked.state === 'INCIDENT' ? { hasIncident: true } : asked.state && { state: asked.state }),
    ...(asked.process && { processDefinitionId: asked.process }),
    ...(/^\d{1,9}$/.test(asked.version) && { processDefinitionVersion: Number(asked.version) }),
    ...(asked.businessId && { businessId: containing(asked.businessId) }),
    ...(asked.key && { processInstanceKey: asked.key }),
    ...(asked.element && { elementId: asked.element }),
    ...(asked.error && { errorMessage: containing(asked.error) }),
    ...((from || to) && { startDate: { ...from, ...to } }),
    ...(asked.level === 'root' && { parentProcessInstanceKey: { $exists: false } }),
    ...(asked.batch && { batchOperationKey: asked.batch }),
  } as ProcessInstanceFilter;
}

/** Whether an address names a day of the calendar. */
export const isDay = (text: string) => /^\d{4}-\d\d-\d\d$/.test(text) && dayjs.utc(text).format('YYYY-MM-DD') === text;

/** `*` and `?` stand for what they stand for in the search; other text is looked for anywhere. */
const containing = (text: string) => ({ $like: /[*?]/.test(text) ? text : `*${text}*` });
