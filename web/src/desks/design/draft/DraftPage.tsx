/** The page of a draft: its editor, what is found in it, and what can be done with it. */
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { App, Modal, Skeleton } from 'antd';
import { lazy, Suspense, useState, type ComponentType } from 'react';
import { useNavigate, useParams } from 'react-router';

import { api, dataOf } from '../../../api/client';
import type { Problem } from '../../../api/problem';
import type { Draft } from '../../../api/schema';
import { currentLanguage } from '../../../i18n/strings';
import { PageFrame } from '../../../ui/PageFrame';
import { ProblemNotice, Sentence } from '../../../ui/ProblemNotice';
import { useShortcuts } from '../../../ui/shortcuts';
import { draftQuery, type Finding, type Kind } from '../api';
import type { EditorProps } from '../editor';
import { useText } from '../strings';
import { DraftActions } from './DraftActions';
import { DraftName } from './DraftName';
import { FindingsPanel } from './FindingsPanel';
import { OpeningNotice } from './OpeningNotice';
import { SaveBadge } from './SaveBadge';
import { SidePanel, type Side } from './SidePanel';
import { useDraft } from './useDraft';
import { useUndoKeys } from './useUndoKeys';

interface DmnProps extends EditorProps {
  onView?: (decisionId: string | null) => void;
  matched?: readonly string[];
}

const EDITORS: Readonly<Record<Kind, ComponentType<DmnProps>>> = {
  bpmn: lazy(() => import('../bpmn/BpmnEditor')),
  dmn: lazy(() => import('../dmn/DmnEditor')),
  form: lazy(() => import('../form/FormEditor')),
  scenario: lazy(() => import('../scenario/ScenarioEditor')),
};

export default function DraftPage() {
  const t = useText();
  const { draftKey = '' } = useParams();
  const [generation, setGeneration] = useState(0);
  const draft = useQuery(draftQuery(draftKey));
  if (draft.isError) {
    return (
      <PageFrame title={t('draft.title')}>
        <ProblemNotice error={draft.error} retry={() => void draft.refetch()} />
      </PageFrame>
    );
  }
  if (!draft.data) {
    return (
      <PageFrame title={t('draft.title')}>
        <Skeleton active />
      </PageFrame>
    );
  }
  const reopen = () => void draft.refetch().then(() => setGeneration((before) => before + 1));
  return <OpenDraft key={`${draftKey} ${generation}`} draft={draft.data} onReopen={reopen} />;
}

function OpenDraft({ draft, onReopen }: { draft: Draft; onReopen: () => void }) {
  const t = useText();
  const { message } = App.useApp();
  const [name, setName] = useState(draft.name);
  const [side, setSide] = useState<Side | null>(null);
  const [decision, setDecision] = useState<string | null>(null);
  const [matched, setMatched] = useState<readonly string[]>([]);
  const edited = useDraft(draft);
  const { editor, autosave, saving, opened, lint } = edited;
  const Editor = EDITORS[draft.kind];
  const isReadOnly = opened?.readOnlyFor !== undefined;

  useShortcuts({
    'Control+s': () => void autosave.flush().then(() => message.success(t('save.saved'))),
  });
  useUndoKeys(editor);
  const cure = (finding: Finding) => {
    if (finding.element) editor.current?.show?.(finding.element);
    if (!editor.current?.cure?.(finding)) void message.info(t('findings.removeByHand'));
  };
  const open = (outcome: NonNullable<typeof opened>) => {
    if (outcome.outdated) void autosave.flush().then(() => window.location.reload());
    else edited.setOpened(outcome);
  };
  return (
    <PageFrame
      title={name}
      fill
      badge={
        <>
          <DraftName draft={draft} name={name} autosave={autosave} onRenamed={setName} />
          <SaveBadge state={saving} />
        </>
      }
      actions={<DraftActions draft={draft} name={name} edited={edited} isReadOnly={isReadOnly} side={side} onSide={setSide} onReopen={onReopen} />}
    >
      <OpeningNotice kind={draft.kind} opened={opened} text={edited.text} />
      <Suspense fallback={<Skeleton active paragraph={{ rows: 10 }} />}>
        <div style={{ flex: 1, minHeight: 0, display: 'flex', gap: 12 }}>
          {opened?.failure === undefined && (
            <Editor
              key={currentLanguage()}
              ref={editor}
              content={edited.content}
              findings={lint.data?.findings ?? []}
              onChange={edited.change}
              onOpened={open}
              isBeside={side !== null}
              onView={setDecision}
              matched={side === 'try' ? matched : undefined}
            />
          )}
          {side && <SidePanel side={side} draft={draft} text={edited.text} read={edited.readNow} decision={decision} onMatched={setMatched} onClose={() => setSide(null)} />}
        </div>
      </Suspense>
      {draft.kind !== 'scenario' && (
        <FindingsPanel
          findings={lint.data?.findings}
          failure={lint.error}
          isChecking={lint.isFetching}
          onShow={(element) => editor.current?.show?.(element)}
          onCure={draft.kind === 'bpmn' ? cure : undefined}
        />
      )}
      {saving.state === 'overtaken' && <Overtaken draft={draft} name={name} read={edited.read} problem={saving.problem} autosave={autosave} onReopen={onReopen} />}
      <Modal
        open={edited.leaving.asked}
        title={t('leave.title')}
        okText={t('leave.leave')}
        cancelText={t('leave.stay')}
        okButtonProps={{ danger: true }}
        onOk={edited.leaving.leave}
        onCancel={edited.leaving.stay}
      >
        {t('leave.text')}
      </Modal>
    </PageFrame>
  );
}

interface OvertakenProps {
  draft: Draft;
  name: string;
  read: () => Promise<string>;
  problem: Problem;
  autosave: { continueFrom(revision: number): void; revision: number };
  onReopen: () => void;
}

/** The draft has been changed elsewhere, by somebody else or in another window: what one has done oneself is kept, in a draft of its own if one likes. */
function Overtaken({ draft, name, read, problem, autosave, onReopen }: OvertakenProps) {
  const t = useText();
  const navigate = useNavigate();
  const cache = useQueryClient();
  const copy = useMutation({
    mutationFn: async () => {
      const content = await read();
      const { kind, definitionId, baseResourceKey } = draft;
      const body = { name: t('overtaken.copyName', { name }), kind, definitionId, baseResourceKey, content };
      return dataOf(api.POST('/v2/drafts', { body }));
    },
    onSuccess: (made) => {
      autosave.continueFrom(autosave.revision);
      void cache.invalidateQueries({ queryKey: ['post', '/v2/drafts/search'] });
      void navigate(`/design/drafts/${made.draftKey}`);
    },
  });
  return (
    <Modal
      open
      title={t('overtaken.title')}
      closable={false}
      // It opens while somebody types: no key of theirs and no click beside it may discard what they did.
      keyboard={false}
      mask={{ closable: false }}
      // What keeps everything comes first, so that it has the focus.
      footer={(_, { OkBtn, CancelBtn }) => (
        <div style={{ display: 'flex', flexDirection: 'row-reverse', gap: 8 }}>
          <OkBtn />
          <CancelBtn />
        </div>
      )}
      cancelButtonProps={{ danger: true }}
      okText={t('overtaken.copy')}
      cancelText={t('overtaken.reopen')}
      confirmLoading={copy.isPending}
      onOk={() => copy.mutate()}
      onCancel={() => {
        autosave.continueFrom(autosave.revision);
        onReopen();
      }}
    >
      <p>
        <Sentence problem={problem} />
      </p>
      <p>{t('overtaken.text')}</p>
      {copy.isError && <ProblemNotice error={copy.error} />}
    </Modal>
  );
}
