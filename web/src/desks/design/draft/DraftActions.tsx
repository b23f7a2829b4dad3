/** What can be done with a draft. */
import {
  CheckSquareOutlined,
  CloudUploadOutlined,
  DiffOutlined,
  DeleteOutlined,
  DownloadOutlined,
  EllipsisOutlined,
  ExperimentOutlined,
  EyeOutlined,
  HistoryOutlined,
  PictureOutlined,
  RedoOutlined,
  ReloadOutlined,
  UndoOutlined,
} from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { App, Button, Dropdown, Space } from 'antd';
import { useState } from 'react';
import { useNavigate } from 'react-router';

import { api } from '../../../api/client';
import type { Draft } from '../../../api/schema';
import { ConfirmAction } from '../../../ui/ConfirmAction';
import { asProblem } from '../../../api/problem';
import { Sentence } from '../../../ui/ProblemNotice';
import { fileName, fileOf } from '../api';
import { PublishDialog } from '../deploy/PublishDialog';
import { useText } from '../strings';
import { download } from './download';
import type { Side } from './SidePanel';
import type { useDraft } from './useDraft';

interface Props {
  draft: Draft;
  name: string;
  edited: ReturnType<typeof useDraft>;
  isReadOnly: boolean;
  side: Side | null;
  onSide: (side: Side | null) => void;
  onReopen: () => void;
}

export function DraftActions({ draft, name, edited, isReadOnly, side, onSide, onReopen }: Props) {
  const t = useText();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const { message } = App.useApp();
  const [dialog, setDialog] = useState<'publish' | 'delete' | null>(null);
  const { editor, autosave, read } = edited;
  const tell = (error: unknown) => void message.error(<Sentence problem={asProblem(error)} />);
  const toggle = (which: Side) => onSide(side === which ? null : which);

  const exportFile = async () => download(fileOf(draft.kind, name, await read()));
  const exportPicture = async () => {
    const svg = await editor.current?.picture?.();
    if (svg !== undefined) download(new File([svg], fileName(draft.kind, name).replace(/\.\w+$/, '.svg'), { type: 'image/svg+xml' }));
  };
  const sides: { side: Side; icon: React.ReactNode; label: string }[] = [
    ...(draft.kind === 'dmn' ? [{ side: 'try' as const, icon: <ExperimentOutlined />, label: t('action.try') }] : []),
    ...(draft.kind === 'form' ? [{ side: 'preview' as const, icon: <EyeOutlined />, label: t('action.preview') }] : []),
    { side: 'scenarios', icon: <CheckSquareOutlined />, label: t('action.scenarios') },
  ];
  const more = [
    { key: 'history', icon: <HistoryOutlined />, label: t('action.history'), onClick: () => toggle('history') },
    ...(draft.baseResourceKey !== null && draft.kind !== 'scenario'
      ? [{ key: 'compare', icon: <DiffOutlined />, label: t('action.compare'), onClick: () => void navigate(`/design/compare?old=${draft.baseResourceKey}&draft=${draft.draftKey}`) }]
      : []),
    { key: 'export', icon: <DownloadOutlined />, label: t('action.export'), onClick: () => void exportFile().catch(tell) },
    ...(draft.kind === 'bpmn' ? [{ key: 'svg', icon: <PictureOutlined />, label: t('action.picture'), onClick: () => void exportPicture().catch(tell) }] : []),
    { key: 'reload', icon: <ReloadOutlined />, label: t('action.reload'), onClick: () => void autosave.flush().then(onReopen) },
    { key: 'delete', icon: <DeleteOutlined />, danger: true, label: t('action.delete'), onClick: () => setDialog('delete') },
  ];
  return (
    <>
      {!isReadOnly && (
        <Space.Compact>
          <Button icon={<UndoOutlined />} aria-label={t('action.undo')} title={t('action.undo')} onClick={() => editor.current?.undo?.()} />
          <Button icon={<RedoOutlined />} aria-label={t('action.redo')} title={t('action.redo')} onClick={() => editor.current?.redo?.()} />
        </Space.Compact>
      )}
      {sides.map(({ side: which, icon, label }) => (
        <Button key={which} icon={icon} aria-pressed={side === which} type={side === which ? 'primary' : 'default'} ghost={side === which} onClick={() => toggle(which)}>
          {label}
        </Button>
      ))}
      <Dropdown menu={{ items: more }} trigger={['click']}>
        <Button icon={<EllipsisOutlined />} aria-label={t('action.more')} />
      </Dropdown>
      {draft.kind !== 'scenario' && (
        <Button type="primary" icon={<CloudUploadOutlined />} onClick={() => setDialog('publish')}>
          {t('action.publish')}
        </Button>
      )}
      {dialog === 'publish' && <PublishDialog draft={draft} name={name} edited={edited} onClose={() => setDialog(null)} />}
      <ConfirmAction
        open={dialog === 'delete'}
        title={t('delete.title', { name })}
        confirm={t('action.delete')}
        danger
        targets={[{ key: draft.draftKey, label: name }]}
        run={async () => {
          await autosave.flush();
          await api.DELETE('/v2/drafts/{key}', { params: { path: { key: draft.draftKey } } });
        }}
        onClose={(done) => {
          setDialog(null);
          if (!done) return;
          autosave.continueFrom(autosave.revision);
          void cache.invalidateQueries({ queryKey: ['post', '/v2/drafts/search'] });
          void navigate('/design');
        }}
      >
        {t('delete.text')}
      </ConfirmAction>
    </>
  );
}
