/** What is to be known about a file that has been opened: where it comes from, what it lacks, that it is only shown. */
import { Alert } from 'antd';

import { ProblemNotice } from '../../../ui/ProblemNotice';
import type { Kind } from '../api';
import type { Opened } from '../editor';
import { useText } from '../strings';

/** Dialects that the server reads in part; what it does not is among its findings. */
const DIALECTS: readonly [RegExp, string][] = [
  [/xmlns:\w+="http:\/\/camunda\.org\/schema\/1\.0\/bpmn"/, 'Camunda 7'],
  [/xmlns:\w+="http:\/\/flowable\.org\/bpmn"/, 'Flowable'],
  [/xmlns:\w+="http:\/\/activiti\.org\/bpmn"/, 'Activiti'],
  [/xmlns:\w+="http:\/\/spiffworkflow\.org\/bpmn/, 'SpiffWorkflow'],
];

export const dialectOf = (xml: string): string | undefined => DIALECTS.find(([namespace]) => namespace.test(xml))?.[1];

export function OpeningNotice({ kind, opened, text }: { kind: Kind; opened: Opened | null; text: string }) {
  const t = useText();
  if (opened?.failure !== undefined) return <ProblemNotice error={opened.failure} title={t('open.failed')} />;
  if (opened?.readOnlyFor) {
    return <Alert type="warning" showIcon title={t('open.readOnly')} description={t('open.readOnlyWhy', { what: opened.readOnlyFor.slice(0, 5).join(', ') })} />;
  }
  const dialect = kind === 'bpmn' ? dialectOf(text) : undefined;
  return dialect ? <Alert type="info" showIcon closable title={t('open.dialect', { dialect })} /> : null;
}
