/** A new file: empty but sound, from a template; or one that was made elsewhere. */
import { InboxOutlined } from '@ant-design/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Form, Input, Modal, Radio, Upload } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import { api, dataOf } from '../../../api/client';
import { Problem } from '../../../api/problem';
import { ProblemNotice } from '../../../ui/ProblemNotice';
import { kindOf, repositoryQuery, type Kind } from '../api';
import { useText } from '../strings';
import { template } from '../templates/templates';
import { holderOf } from './definitions';
import { definitionIdOf, nameOf } from './fileFacts';

const KINDS: readonly Kind[] = ['bpmn', 'dmn', 'form', 'scenario'];
const ID = /^[A-Za-z_][\w.-]*$/;

export function NewFileDialog({ kind, onClose }: { kind: Kind; onClose: () => void }) {
  const t = useText();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const [form] = Form.useForm<{ kind: Kind; name: string; id: string }>();
  const create = useMutation({
    mutationFn: ({ kind, name, id }: { kind: Kind; name: string; id: string }) =>
      dataOf(api.POST('/v2/drafts', { body: { name, kind, definitionId: kind === 'scenario' ? null : id, content: template(kind, id, name) } })),
    onSuccess: ({ draftKey }) => void navigate(`/design/drafts/${draftKey}`),
  });
  const chosen = Form.useWatch('kind', form) ?? kind;
  /** A new file under a published id would take its place. Where that cannot be asked, publishing tells. */
  const isFree = async (_: unknown, id: string) => {
    if (chosen === 'scenario' || !ID.test(id)) return;
    const published = await cache.fetchQuery(repositoryQuery).catch(() => ({ items: [] }));
    const holder = holderOf(published.items, chosen, id);
    if (holder) throw new Error(t('new.idTaken', { name: holder.name ?? holder.id }));
  };
  return (
    <Modal open title={t('new.title')} okText={t('new.ok')} cancelText={t('publish.cancel')} confirmLoading={create.isPending} onOk={() => form.submit()} onCancel={onClose}>
      <Form form={form} layout="vertical" initialValues={{ kind, name: '', id: '' }} onFinish={(values) => create.mutate(values)}>
        <Form.Item name="kind" label={t('new.kind')}>
          <Radio.Group optionType="button" options={KINDS.map((each) => ({ value: each, label: t(`kind.${each}`) }))} />
        </Form.Item>
        <Form.Item name="name" label={t('draft.name')} rules={[{ required: true, whitespace: true, message: t('draft.nameMissing') }]}>
          <Input maxLength={200} autoFocus />
        </Form.Item>
        <Form.Item
          name="id"
          dependencies={['kind']}
          validateTrigger="onBlur"
          label={t(chosen === 'scenario' ? 'new.processId' : 'new.id')}
          extra={t(chosen === 'scenario' ? 'new.processIdHint' : 'new.idHint')}
          rules={[
            { required: true, message: t('new.idMissing') },
            { pattern: ID, message: t('new.idWrong') },
            { validator: isFree },
          ]}
        >
          <Input maxLength={200} spellCheck={false} />
        </Form.Item>
      </Form>
      {create.isError && <ProblemNotice error={create.error} />}
    </Modal>
  );
}

export function ImportDialog({ onClose }: { onClose: () => void }) {
  const t = useText();
  const navigate = useNavigate();
  const [name, setName] = useState<string | null>(null);
  const take = useMutation({
    mutationFn: async (file: File) => {
      const content = await file.text();
      const kind = kindOf(file.name, content);
      if (kind === null) throw new Problem({ status: 415, code: 'web.import', detail: t('import.unknown', { file: file.name }) });
      return dataOf(api.POST('/v2/drafts', { body: { name: nameOf(file.name), kind, definitionId: definitionIdOf(kind, content), content } }));
    },
    onSuccess: ({ draftKey }) => void navigate(`/design/drafts/${draftKey}`),
  });
  return (
    <Modal open title={t('import.title')} footer={null} onCancel={onClose}>
      <Upload.Dragger
        accept=".bpmn,.xml,.dmn,.form,.json,.yaml,.yml"
        showUploadList={false}
        disabled={take.isPending}
        beforeUpload={(file) => {
          setName(file.name);
          take.mutate(file);
          return false;
        }}
      >
        <InboxOutlined style={{ fontSize: 32, color: 'var(--ll-primary)' }} />
        <p style={{ margin: '8px 0 4px' }}>{t('import.drop')}</p>
        <p className="secondary" style={{ margin: 0 }}>
          {t('import.kinds')}
        </p>
      </Upload.Dragger>
      <p role="status" className="secondary" style={{ minHeight: 22, marginBlock: 8 }}>
        {take.isPending && name !== null && t('import.reading', { file: name })}
      </p>
      {take.isError && <ProblemNotice error={take.error} title={t('import.failed')} />}
    </Modal>
  );
}
