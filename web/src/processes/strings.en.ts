import type { English } from '../i18n/strings';
import type zh from './strings.zh';

const en: English<typeof zh> = {
  'state.ACTIVE': 'active',
  'state.COMPLETED': 'completed',
  'state.TERMINATED': 'terminated',
  'state.SUSPENDED': 'suspended',
  'state.CREATED': 'open',
  'state.FAILED': 'failed',
  'state.ERROR_THROWN': 'business error',
  'state.CANCELED': 'cancelled',
  'state.TIMED_OUT': 'timed out',
  'state.RESOLVED': 'resolved',
  'state.PARTIALLY_COMPLETED': 'partly completed',
  'state.SKIPPED': 'skipped',
  'state.EVALUATED': 'evaluated',
  'state.INCIDENT': 'incident',

  'error.JOB_NO_RETRIES': 'Job has no retries left',
  'error.UNHANDLED_ERROR_EVENT': 'Nobody handles the business error',
  'error.CALLED_ELEMENT_ERROR': 'Called process is not available',
  'error.CALLED_DECISION_ERROR': 'Called decision is not available',
  'error.DECISION_EVALUATION_ERROR': 'Decision failed',
  'error.CONDITION_ERROR': 'Condition cannot be judged',
  'error.IO_MAPPING_ERROR': 'Mapping of variables failed',
  'error.EXTRACT_VALUE_ERROR': 'Expression failed',
  'error.FORM_NOT_FOUND': 'Form not found',
  'error.RESOURCE_NOT_FOUND': 'Resource not found',
  'error.MESSAGE_SIZE_EXCEEDED': 'Message too large',
  'error.EXECUTION_LISTENER_NO_RETRIES': 'Listener has no retries left',
  'error.TASK_LISTENER_NO_RETRIES': 'Task listener has no retries left',
  'error.UNKNOWN': 'Other incident',

  'process.version': 'v{{version}}',
  'value.empty': 'empty text',
  'value.more': 'Show all',
  'value.less': 'Show less',
  'value.truncated': 'The value is long; this is its beginning',
  'list.capped': 'Only the latest {{count}} of {{total}} are shown.',
};
export default en;
