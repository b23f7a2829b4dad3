/** Where things are shown, for links from one desk to another. */

export const caseAddress = (processInstanceKey: string) => `/cases/${processInstanceKey}`;

/** All instances of one business key on one page. */
export const businessAddress = (businessId: string) => `/cases/business/${encodeURIComponent(businessId)}`;

export const taskAddress = (userTaskKey: string) => `/review/tasks/${userTaskKey}`;
