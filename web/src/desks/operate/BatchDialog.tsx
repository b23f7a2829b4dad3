/** Asks before something is done with many instances: to how many, what will happen, why; then leads to the progress. */
import { useMutation } from '@tanstack/react-query';
import { Alert, Button, Form, Input, InputNumber, Modal, Radio } from 'antd';
import { useNavigate } from 'react-router';

import type { ProcessInstanceFilter } from '../../api/schema';
import { isObject } from '../../processes/exactVariables';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { KINDS, startBatch, type BatchForm, type BatchKind } from './batches';
import { useText } from './strings';

interface Props {
  kind: BatchKind;
  filter: ProcessInstanceFilter;
  /** How many are meant: "3 chosen instances", "all 120 that match". */
  scope: string;
  onClose: () => void;
}

const MONOSPACE = { fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace' };
const FIRST: BatchForm = { reason: '', itemsPerSecond: 100, variables: '{\n  \n}', startWith: 'INITIAL', version: 'SAME' };

export function BatchDialog({ kind, filter, scope, onClose }: Props) {
  const t = useText();
  const navigate = useNavigate();
  const [form] = Form.useForm<BatchForm>();
  const { label, consequence, danger, reason } = KINDS[kind];
  const start = useMutation({
    mutationFn: (asked: BatchForm) => startBatch(kind, filter, { ...FIRST, ...asked }),
    onSuccess: ({ batchOperationKey }) => void navigate(`/operate/batches/${batchOperationKey}`),
  });
  return (
    <Modal
      open
      title={t('batch.confirm', { act: t(label) })}
      onCancel={onClose}
      mask={{ closable: false }}
      width={560}
      footer={
        <>
          <Button onClick={onClose} disabled={start.isPending}>
            {t('cancel')}
          </Button>
          <Button type="primary" danger={danger} loading={start.isPending} onClick={() => form.submit()}>
            {t('batch.start', { act: t(label) })}
          </Button>
        </>
      }
    >
      <Alert type={danger ? 'error' : 'warning'} showIcon title={scope} description={t(consequence)} style={{ marginBlock: 8 }} />
      <Form form={form} layout="vertical" initialValues={FIRST} onFinish={(asked) => start.mutate(asked)} disabled={start.isPending}>
        {kind === 'variables' && (
          <Form.Item
            name="variables"
            label={t('batch.variables')}
            extra={t('batch.variablesHint')}
            rules={[{ validator: (_, json: string) => (isObject(json) ? Promise.resolve() : Promise.reject(new Error(t('batch.variablesWrong')))) }]}
          >
            <Input.TextArea autoSize={{ minRows: 4, maxRows: 14 }} style={MONOSPACE} spellCheck={false} />
          </Form.Item>
        )}
        {kind === 'restart' && (
          <>
            <Form.Item name="startWith" label={t('restart.variables')}>
              <Radio.Group
                options={[
                  { value: 'INITIAL', label: t('restart.initial') },
                  { value: 'LAST', label: t('restart.last') },
                ]}
              />
            </Form.Item>
            <Form.Item name="version" label={t('restart.version')}>
              <Radio.Group
                options={[
                  { value: 'SAME', label: t('restart.same') },
                  { value: 'LATEST', label: t('restart.latest') },
                ]}
              />
            </Form.Item>
          </>
        )}
        <Form.Item
          name="reason"
          label={t('reason')}
          rules={reason === 'required' ? [{ required: true, whitespace: true, message: t('reason.missing') }] : []}
        >
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={1000} showCount />
        </Form.Item>
        <Form.Item name="itemsPerSecond" label={t('batch.pace')} extra={t('batch.paceHint')}>
          <InputNumber min={1} max={1000} precision={0} />
        </Form.Item>
      </Form>
      {start.isError && <ProblemNotice error={start.error} />}
    </Modal>
  );
}
