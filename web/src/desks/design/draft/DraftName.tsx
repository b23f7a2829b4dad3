/** The name of a draft, which is the name of its file; a click changes it. */
import { EditOutlined } from '@ant-design/icons';
import { useMutation } from '@tanstack/react-query';
import { Button, Form, Input, Popover } from 'antd';
import { useState } from 'react';

import type { Draft } from '../../../api/schema';
import { ProblemNotice } from '../../../ui/ProblemNotice';
import { fileName, saveDraft } from '../api';
import { KindTag } from '../KindTag';
import { useText } from '../strings';

interface Props {
  draft: Draft;
  name: string;
  autosave: { revision: number; advance(revision: number): void; flush(): Promise<void> };
  onRenamed: (name: string) => void;
}

export function DraftName({ draft, name, autosave, onRenamed }: Props) {
  const t = useText();
  const [open, setOpen] = useState(false);
  const rename = useMutation({
    mutationFn: async (next: string) => {
      await autosave.flush();
      return saveDraft(draft.draftKey, autosave.revision, { name: next });
    },
    onSuccess: (saved) => {
      autosave.advance(saved.revision);
      onRenamed(saved.name);
      setOpen(false);
    },
  });
  const form = (
    <Form layout="vertical" initialValues={{ name }} onFinish={({ name: next }: { name: string }) => rename.mutate(next.trim())} style={{ width: 300 }}>
      <Form.Item name="name" label={t('draft.name')} rules={[{ required: true, whitespace: true, message: t('draft.nameMissing') }]}>
        <Input maxLength={200} autoFocus />
      </Form.Item>
      {rename.isError && <ProblemNotice error={rename.error} />}
      <Button type="primary" htmlType="submit" loading={rename.isPending}>
        {t('draft.rename')}
      </Button>
    </Form>
  );
  return (
    <>
      <Popover trigger="click" open={open} onOpenChange={setOpen} content={form} destroyOnHidden>
        <Button type="text" size="small" icon={<EditOutlined />} aria-label={t('draft.rename')} />
      </Popover>
      <KindTag kind={draft.kind} />
      <span className="secondary small" translate="no">
        {fileName(draft.kind, name)}
      </span>
    </>
  );
}
