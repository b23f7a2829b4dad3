/** Publishes a draft: what is found in it first, then a note for the history, then what has come of it. */
import { CheckCircleFilled } from '@ant-design/icons';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Alert, Button, Form, Input, Modal, Skeleton } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import { api, dataOf } from '../../../api/client';
import type { Deployment, Draft } from '../../../api/schema';
import { ProblemNotice } from '../../../ui/ProblemNotice';
import { fileOf, lintQuery, saveDraft, type Finding } from '../api';
import type { useDraft } from '../draft/useDraft';
import { FindingList } from '../draft/FindingList';
import { useText } from '../strings';
import { CONSEQUENCES, deployedItems, type DeployedThing } from './deployedItems';

interface Props {
  draft: Draft;
  name: string;
  edited: ReturnType<typeof useDraft>;
  onClose: () => void;
}

export function PublishDialog({ draft, name, edited, onClose }: Props) {
  const t = useText();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const [form] = Form.useForm<{ note: string }>();
  const [done, setDone] = useState<DeployedThing[] | null>(null);
  const { autosave, read } = edited;
  // What is checked is what is published: both are read once, when the dialog opens.
  const text = useQuery({ queryKey: ['publish', draft.draftKey, 'text'], queryFn: read, staleTime: Infinity, gcTime: 0 });
  const files = text.data === undefined ? [] : [fileOf(draft.kind, name, text.data)];
  const lint = useQuery({ ...lintQuery(files, text.data === undefined ? [] : [text.data]), enabled: text.data !== undefined });
  const publish = useMutation({
    mutationFn: async (note: string): Promise<Deployment> => {
      await autosave.flush();
      const body = new FormData();
      for (const file of files) body.append('resources', file, file.name);
      if (note) body.append('note', note);
      return dataOf(api.POST('/v2/deployments', { body: body as never }));
    },
    onSuccess: async (deployment) => {
      const things = deployedItems(deployment);
      setDone(things);
      void cache.invalidateQueries({ predicate: ({ queryKey }) => queryKey[1] !== '/v2/drafts/{key}' });
      const main = things.find(({ resourceKey }) => resourceKey !== null);
      if (!main) return;
      const saved = await saveDraft(draft.draftKey, autosave.revision, { definitionId: main.id, baseResourceKey: main.resourceKey! });
      autosave.advance(saved.revision);
    },
  });
  const findings = lint.data?.findings ?? [];
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (done) return <Published things={done} onClose={onClose} onOpen={(thing) => void navigate(`/design/${thing.kind}/${encodeURIComponent(thing.id)}`)} />;
  const isChecked = lint.data !== undefined;
  return (
    <Modal
      open
      width={640}
      title={t('publish.title', { name })}
      okText={t('publish.ok')}
      cancelText={t('publish.cancel')}
      okButtonProps={{ disabled: !isChecked || !lint.data?.deployable || autosave.state.state === 'overtaken' }}
      confirmLoading={publish.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      {text.isError && <ProblemNotice error={text.error} />}
      {lint.isError && <ProblemNotice error={lint.error} retry={() => void lint.refetch()} />}
      {!isChecked && !lint.isError && !text.isError && <Skeleton active title={false} />}
      {isChecked && (
        <Verdict
          findings={findings}
          errors={errors.length}
          onShow={(element) => {
            onClose();
            edited.editor.current?.show?.(element);
          }}
        />
      )}
      {isChecked && errors.length === 0 && (
        <Form form={form} layout="vertical" initialValues={{ note: '' }} onFinish={({ note }) => publish.mutate(note.trim())}>
          <Form.Item name="note" label={t('publish.note')} extra={t('publish.noteHint')} rules={[{ required: true, whitespace: true, message: t('publish.noteMissing') }]}>
            <Input.TextArea autoSize={{ minRows: 2, maxRows: 5 }} maxLength={1000} autoFocus />
          </Form.Item>
        </Form>
      )}
      {publish.isError && <ProblemNotice error={publish.error} />}
      <p className="secondary" style={{ marginBottom: 0 }}>
        {draft.kind !== 'scenario' && t(CONSEQUENCES[draft.kind])}
      </p>
    </Modal>
  );
}

interface VerdictProps {
  findings: readonly Finding[];
  errors: number;
  /** Leads from a finding to its element in the editor. */
  onShow: (element: string) => void;
}

function Verdict({ findings, errors, onShow }: VerdictProps) {
  const t = useText();
  if (findings.length === 0) return <Alert type="success" showIcon title={t('publish.clean')} style={{ marginBottom: 12 }} />;
  return (
    <Alert
      type={errors > 0 ? 'error' : 'warning'}
      showIcon
      style={{ marginBottom: 12 }}
      title={errors > 0 ? t('publish.refused', { count: errors }) : t('publish.warned', { count: findings.length })}
      description={<FindingList findings={findings} onShow={onShow} />}
    />
  );
}

function Published({ things, onClose, onOpen }: { things: DeployedThing[]; onClose: () => void; onOpen: (thing: DeployedThing) => void }) {
  const t = useText();
  return (
    <Modal
      open
      title={
        <>
          <CheckCircleFilled style={{ color: 'var(--ll-success)' }} /> {t('published.title')}
        </>
      }
      onCancel={onClose}
      footer={
        <>
          <Button onClick={() => onOpen(things[0]!)} disabled={things.length === 0}>
            {t('published.open')}
          </Button>
          <Button type="primary" onClick={onClose}>
            {t('published.stay')}
          </Button>
        </>
      }
    >
      <ul style={{ paddingInlineStart: 20 }} data-testid="published">
        {things.map(({ name, id, version }) => (
          <li key={id}>{t('published.item', { name, version })}</li>
        ))}
      </ul>
      <p className="secondary">{t('published.text')}</p>
    </Modal>
  );
}
