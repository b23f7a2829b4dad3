/** Change a variable, or add one: its value as JSON, checked before it is sent, kept with the digits that were typed. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Form, Input, Modal, Skeleton } from 'antd';

import { api, dataOf } from '../../api/client';
import { refreshPaths } from '../../api/live';
import { isJson, withVariables } from '../../processes/exactVariables';
import { indented } from '../../processes/values';
import { ProblemNotice } from '../../ui/ProblemNotice';
import { useText } from './strings';

interface Props {
  scopeKey: string;
  /** Empty: a new one. */
  name: string;
  variableKey?: string;
  onClose: () => void;
}

const MONOSPACE = { fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace' };

interface Edit {
  name?: string;
  value: string;
  reason: string;
}

export function EditVariable({ scopeKey, name, variableKey, onClose }: Props) {
  // A list shows the beginning of a long value; what is edited must be the whole.
  const whole = useQuery({
    queryKey: ['get', '/v2/variables/{variable_key}', variableKey],
    queryFn: () => dataOf(api.GET('/v2/variables/{variable_key}', { params: { path: { variable_key: variableKey! } } })),
    enabled: variableKey !== undefined,
    staleTime: 0,
    gcTime: 0,
  });
  return whole.data || variableKey === undefined ? (
    <Editor scopeKey={scopeKey} name={name} before={whole.data?.value ?? null} onClose={onClose} />
  ) : (
    <Modal open title={name} footer={null} onCancel={onClose}>
      {whole.isError ? <ProblemNotice error={whole.error} retry={() => void whole.refetch()} /> : <Skeleton active />}
    </Modal>
  );
}

function Editor({ scopeKey, name, before, onClose }: { scopeKey: string; name: string; before: string | null; onClose: () => void }) {
  const t = useText();
  const cache = useQueryClient();
  const [form] = Form.useForm<Edit>();
  const save = useMutation({
    // The name is a field of the form only where it is asked for.
    mutationFn: ({ name: given = name, value, reason }: Edit) =>
      api.PUT('/v2/element-instances/{key}/variables', {
        params: { path: { key: scopeKey } },
        ...withVariables({ local: true, reason: reason.trim() }, `{${JSON.stringify(given.trim())}:${value}}`),
      }),
    onSuccess: () => {
      refreshPaths(cache, new Set(['variables', 'element-instances', 'process-instances', 'operation-records']));
      onClose();
    },
  });
  /** Adding one changes none: somebody who adds does not see what is there. */
  const isNew = async (_: unknown, given: string) => {
    const body = { filter: { scopeKey, name: given.trim() }, page: { limit: 1 } };
    if (given.trim() === '' || (await dataOf(api.POST('/v2/variables/search', { body }))).items.length === 0) return;
    throw new Error(t('variables.nameTaken'));
  };
  return (
    <Modal
      open
      title={name === '' ? t('variables.add') : t('variables.changeOne', { name })}
      okText={t('variables.save')}
      cancelText={t('cancel')}
      confirmLoading={save.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
      mask={{ closable: false }}
    >
      <Alert type="warning" showIcon title={t('variables.consequence')} style={{ marginBlock: 8 }} />
      <Form
        form={form}
        layout="vertical"
        initialValues={{ name, value: before === null ? '' : indented(before), reason: '' }}
        disabled={save.isPending}
        onFinish={(edit) => save.mutate(edit)}
      >
        {name === '' && (
          <Form.Item
            name="name"
            label={t('variables.name')}
            validateTrigger="onBlur"
            rules={[{ required: true, whitespace: true, message: t('variables.nameMissing') }, { validator: isNew }]}
          >
            <Input spellCheck={false} />
          </Form.Item>
        )}
        <Form.Item
          name="value"
          label={t('variables.json')}
          extra={t('variables.jsonHint')}
          rules={[{ validator: (_, text: string) => (isJson(text ?? '') ? Promise.resolve() : Promise.reject(new Error(t('variables.jsonWrong')))) }]}
        >
          <Input.TextArea autoSize={{ minRows: 3, maxRows: 16 }} style={MONOSPACE} spellCheck={false} />
        </Form.Item>
        <Form.Item
          name="reason"
          label={t('reason')}
          rules={[{ required: true, whitespace: true, message: t('variables.reasonHint') }]}
        >
          <Input.TextArea autoSize={{ minRows: 2, maxRows: 6 }} maxLength={1000} showCount />
        </Form.Item>
      </Form>
      {save.isError && <ProblemNotice error={save.error} />}
    </Modal>
  );
}
