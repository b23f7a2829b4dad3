/** What the list of cases is filtered by. A case is its root instance; what that called is on its page. */
import type { ProcessInstanceFilter } from '../../api/schema';

export const NO_QUESTION = { businessId: '', applicant: '', state: '', process: '' };

export function casesFilter({ businessId, applicant, state, process }: typeof NO_QUESTION): ProcessInstanceFilter {
  return {
    parentProcessInstanceKey: { $exists: false },
    ...(businessId && { businessId: { $like: `*${businessId}*` } }),
    // Values of variables are compared as JSON, so a text has its quotes.
    ...(applicant && { variables: [{ name: 'applicantName', value: { $like: `"${applicant}*` } }] }),
    ...(state === 'INCIDENT' ? { hasIncident: true } : state && { state }),
    ...(process && { processDefinitionId: process }),
  } as ProcessInstanceFilter;
}
