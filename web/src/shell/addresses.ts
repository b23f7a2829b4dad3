/** Where things are shown, for links from one desk to another. */

export const caseAddress = (processInstanceKey: string) => `/cases/${processInstanceKey}`;

/** All instances of one business key on one page. */
export const businessAddress = (businessId: string) => `/cases/business/${encodeURIComponent(businessId)}`;

export const taskAddress = (userTaskKey: string) => `/review/tasks/${userTaskKey}`;

/** The versions of a process, of a graph of decisions, of a form. */
export const definitionAddress = (kind: 'bpmn' | 'dmn' | 'form', id: string) => `/design/${kind}/${encodeURIComponent(id)}`;
