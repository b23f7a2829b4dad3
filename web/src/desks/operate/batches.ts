/** What can be done with many instances at once: what it needs, who may, and which instances it is for. */
import { api, dataOf } from '../../api/client';
import type { CreatedBatchOperation, ProcessInstanceFilter } from '../../api/schema';
import { withVariables } from '../../processes/exactVariables';
import type zh from './strings.zh';

export const BATCH_KINDS = ['retry', 'cancel', 'suspend', 'resume', 'variables', 'restart', 'delete'] as const;
export type BatchKind = (typeof BATCH_KINDS)[number];

export interface BatchForm {
  reason: string;
  itemsPerSecond: number;
  /** JSON of an object, for variables. */
  variables: string;
  startWith: 'INITIAL' | 'LAST';
  version: 'SAME' | 'LATEST';
}

interface Kind {
  label: keyof typeof zh;
  /** What will happen, and to which of the chosen instances. */
  consequence: keyof typeof zh;
  permission: string;
  danger: boolean;
  reason: 'required' | 'optional';
}

export const KINDS: Readonly<Record<BatchKind, Kind>> = {
  retry: {
    label: 'act.retry',
    consequence: 'act.retry.consequence',
    permission: 'incident:resolve',
    danger: false,
    reason: 'optional',
  },
  cancel: {
    label: 'act.cancel',
    consequence: 'act.cancel.consequence',
    permission: 'process-instance:cancel',
    danger: true,
    reason: 'required',
  },
  suspend: {
    label: 'act.suspend',
    consequence: 'act.suspend.consequence',
    permission: 'process-instance:suspend',
    danger: false,
    reason: 'required',
  },
  resume: {
    label: 'act.resume',
    consequence: 'act.resume.consequence',
    permission: 'process-instance:suspend',
    danger: false,
    reason: 'optional',
  },
  variables: {
    label: 'act.variables',
    consequence: 'act.variables.consequence',
    permission: 'variable:update',
    danger: false,
    reason: 'required',
  },
  restart: {
    label: 'act.restart',
    consequence: 'act.restart.consequence',
    permission: 'process-instance:restart',
    danger: false,
    reason: 'required',
  },
  delete: {
    label: 'act.delete',
    consequence: 'act.delete.consequence',
    permission: 'process-instance:delete',
    danger: true,
    reason: 'required',
  },
};

/** Begin the batch; its key leads to its progress. */
export function startBatch(kind: BatchKind, filter: ProcessInstanceFilter, form: BatchForm): Promise<CreatedBatchOperation> {
  const body = {
    filter,
    itemsPerSecond: form.itemsPerSecond,
    ...(form.reason.trim() !== '' && { reason: form.reason.trim() }),
  };
  switch (kind) {
    case 'retry':
      return dataOf(api.POST('/v2/process-instances/incident-resolution', { body }));
    case 'cancel':
      return dataOf(api.POST('/v2/process-instances/cancellation', { body }));
    case 'suspend':
      return dataOf(api.POST('/v2/process-instances/suspension', { body }));
    case 'resume':
      return dataOf(api.POST('/v2/process-instances/resumption', { body }));
    case 'delete':
      return dataOf(api.POST('/v2/process-instances/deletion', { body }));
    case 'restart':
      return dataOf(api.POST('/v2/process-instances/restart', { body: { ...body, variables: form.startWith, version: form.version } }));
    case 'variables':
      return dataOf(api.POST('/v2/process-instances/variable-update', withVariables(body, form.variables)));
  }
}
