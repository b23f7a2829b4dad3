/** All files of the designers: what is published, and what is being worked on. */
import { ImportOutlined, PlusOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Skeleton, Tabs } from 'antd';
import { useState } from 'react';

import { PageFrame } from '../../../ui/PageFrame';
import { ProblemNotice } from '../../../ui/ProblemNotice';
import { useUrlState } from '../../../ui/urlState';
import { repositoryQuery, type DefinitionKind, type Kind } from '../api';
import { useText } from '../strings';
import { DefinitionList } from './DefinitionList';
import { DraftList } from './DraftList';
import { ImportDialog, NewFileDialog } from './NewFile';

const TABS: readonly { tab: string; kind: DefinitionKind; label: 'repository.processes' | 'repository.decisions' | 'repository.forms' }[] = [
  { tab: 'processes', kind: 'process', label: 'repository.processes' },
  { tab: 'decisions', kind: 'decisionRequirements', label: 'repository.decisions' },
  { tab: 'forms', kind: 'form', label: 'repository.forms' },
];
const NEW: Readonly<Record<string, Kind>> = { processes: 'bpmn', decisions: 'dmn', forms: 'form' };
const DRAFTS = 'drafts';

export default function RepositoryPage() {
  const t = useText();
  const [dialog, setDialog] = useState<'new' | 'import' | null>(null);
  const [{ tab }, setUrl] = useUrlState({ tab: 'processes' });
  const repository = useQuery(repositoryQuery);
  const items = repository.data?.items;
  const shown = TABS.find((each) => each.tab === tab);
  return (
    <PageFrame
      title={t('title')}
      fill
      actions={
        <>
          <Button icon={<ImportOutlined />} onClick={() => setDialog('import')}>
            {t('import.button')}
          </Button>
          <Button type="primary" icon={<PlusOutlined />} onClick={() => setDialog('new')}>
            {t('new.button')}
          </Button>
        </>
      }
      below={
        <Tabs
          activeKey={tab}
          onChange={(next) => setUrl({ tab: next })}
          tabBarStyle={{ marginBottom: 0 }}
          items={[
            ...TABS.map(({ tab: key, kind, label }) => {
              const count = items?.filter((item) => item.kind === kind).length;
              return { key, label: count === undefined ? t(label) : `${t(label)} ${count}` };
            }),
            { key: DRAFTS, label: t('repository.drafts') },
          ]}
        />
      }
    >
      {!shown && <DraftList onNew={() => setDialog('new')} />}
      {shown && repository.isError && <ProblemNotice error={repository.error} retry={() => void repository.refetch()} />}
      {shown && repository.isPending && <Skeleton active paragraph={{ rows: 8 }} title={false} />}
      {shown && items && <DefinitionList key={tab} kind={shown.kind} items={items} onNew={() => setDialog('new')} />}
      {dialog === 'new' && <NewFileDialog kind={NEW[tab] ?? 'bpmn'} onClose={() => setDialog(null)} />}
      {dialog === 'import' && <ImportDialog onClose={() => setDialog(null)} />}
    </PageFrame>
  );
}
