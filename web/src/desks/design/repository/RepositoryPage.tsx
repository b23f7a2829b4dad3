/** All files of the designers: what is published, and what is being worked on. */
import { ImportOutlined, PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useState } from 'react';

import { PageFrame } from '../../../ui/PageFrame';
import { useText } from '../strings';
import { DraftList } from './DraftList';
import { ImportDialog, NewFileDialog } from './NewFile';

export default function RepositoryPage() {
  const t = useText();
  const [dialog, setDialog] = useState<'new' | 'import' | null>(null);
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
    >
      <DraftList onNew={() => setDialog('new')} />
      {dialog === 'new' && <NewFileDialog kind="bpmn" onClose={() => setDialog(null)} />}
      {dialog === 'import' && <ImportDialog onClose={() => setDialog(null)} />}
    </PageFrame>
  );
}
