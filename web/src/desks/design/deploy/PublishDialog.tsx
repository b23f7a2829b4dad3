/** Publishes a draft with what belongs to it: what is found first, then a note for the history, then what has come of it. */
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Alert, Form, Input, Modal, Skeleton } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import { api, dataOf } from '../../../api/client';
import type { Deployment, Draft } from '../../../api/schema';
import { ProblemNotice } from '../../../ui/ProblemNotice';
import { draftQuery } from '../api';
import { useNames } from '../../../ui/names';
import type { useDraft } from '../draft/useDraft';
import { useText } from '../strings';
import { consequencesOf, type Member, type Part } from './bundle';
import { BundleList } from './BundleList';
import { CONSEQUENCES, deployedItems, type DeployedThing } from './deployedItems';
import styles from './Publish.module.css';
import { Published } from './Published';
import { settle } from './settle';
import { useBundle } from './useBundle';
import { Verdict } from './Verdict';

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
  const [done, setDone] = useState<{ things: DeployedThing[]; failures: unknown[] } | null>(null);
  const { autosave } = edited;
  const bundle = useBundle(draft, name, edited);
  const { parts, sent, findings } = bundle;
  const outdated = parts.filter(isOutdated);
  const person = useNames(outdated.map(({ member }) => member.latest!.deployedBy));
  const publish = useMutation({
    mutationFn: async (note: string): Promise<Deployment> => {
      const body = new FormData();
      for (const file of bundle.files) body.append('resources', file, file.name);
      if (note) body.append('note', note);
      return dataOf(api.POST('/v2/deployments', { body: body as never }));
    },
    onSuccess: async (deployment) => {
      const things = deployedItems(deployment, sent);
      const failures = await settle(sent, things);
      const { definitions } = sent[0]!.source;
      const own = things.find(({ id }) => definitions[0]?.endsWith(` ${id}`));
      if (own) cache.setQueryData(draftQuery(draft.draftKey).queryKey, (before) => before && { ...before, definitionId: own.id, baseResourceKey: own.resourceKey });
      setDone({ things, failures });
      void cache.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'publish' && queryKey[1] !== '/v2/drafts/{key}' });
    },
  });
  if (done) {
    return <Published {...done} onClose={onClose} onOpen={({ kind, id }) => void navigate(`/design/${kind}/${encodeURIComponent(id)}`)} />;
  }
  const errors = findings?.filter(({ severity }) => severity === 'error').length ?? 0;
  const show = (element: string, part: Part | undefined) => {
    onClose();
    if (part?.reason === 'own') edited.editor.current?.show?.(element);
    else if (part?.source.draftKey) void navigate(`/design/drafts/${part.source.draftKey}`);
    else if (part?.source.resourceKey) void navigate(`/design/versions/${part.source.resourceKey}`);
  };
  return (
    <Modal
      open
      width={720}
      title={t('publish.title', { name })}
      okText={sent.length > 1 ? t('publish.okSeveral', { count: sent.length }) : t('publish.ok')}
      cancelText={t('publish.cancel')}
      okButtonProps={{ disabled: !bundle.isDeployable || autosave.state.state === 'overtaken' }}
      confirmLoading={publish.isPending}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      {bundle.error !== null && <ProblemNotice error={bundle.error} retry={bundle.retry} />}
      <BundleList parts={parts} onChange={bundle.change} />
      {findings === undefined && bundle.error === null && <Skeleton active title={false} />}
      {outdated.map(({ member, source }) => (
        <Alert
          key={member.key}
          type="warning"
          showIcon
          style={{ marginBottom: 12 }}
          title={t('bundle.outdated', { name: source.name, version: member.latest!.version, by: person(member.latest!.deployedBy) })}
        />
      ))}
      {bundle.takenOver.map(({ source, published }) => (
        <Alert
          key={`${source.key} ${published.key}`}
          type="warning"
          showIcon
          style={{ marginBottom: 12 }}
          title={t('bundle.takenOver', { name: source.name, published: nameOfVersion(published), version: published.latest.version })}
        />
      ))}
      {findings && <Verdict findings={findings} partOf={bundle.partOf} isSeveral={sent.length > 1} onShow={show} />}
      {errors === 0 && (
        <Form form={form} layout="vertical" initialValues={{ note: '' }} onFinish={({ note }) => publish.mutate(note.trim())}>
          <Form.Item name="note" label={t('publish.note')} extra={t('publish.noteHint')} rules={[{ required: true, whitespace: true, message: t('publish.noteMissing') }]}>
            <Input.TextArea autoSize={{ minRows: 2, maxRows: 5 }} maxLength={1000} autoFocus />
          </Form.Item>
        </Form>
      )}
      {publish.isError && <ProblemNotice error={publish.error} />}
      {parts.length > 0 && <Consequences parts={parts} />}
    </Modal>
  );
}

/** Somebody has published another version since the draft was begun: publishing would undo that. */
function isOutdated({ member, source, isSent }: Part): boolean {
  const { draftKey, baseResourceKey, differs } = source;
  return isSent && draftKey !== null && differs && baseResourceKey !== null && member.latest !== null && member.latest.resourceKey !== baseResourceKey;
}

const nameOfVersion = ({ sources, name }: Member) => sources.find(({ draftKey }) => draftKey === null)?.name ?? name;

function Consequences({ parts }: { parts: readonly Part[] }) {
  const t = useText();
  const { kinds, together, behind } = consequencesOf(parts);
  const names = (list: readonly string[]) => list.join(t('list.separator'));
  return (
    <ul className={styles.consequences}>
      {kinds.map((kind) => (
        <li key={kind}>{t(CONSEQUENCES[kind])}</li>
      ))}
      {together.length > 0 && <li>{t('bundle.together', { names: names(together) })}</li>}
      {behind.length > 0 && <li>{t('bundle.staysBehind', { names: names(behind) })}</li>}
    </ul>
  );
}
