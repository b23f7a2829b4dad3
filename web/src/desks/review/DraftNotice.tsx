/** What has become of one's draft: restored, being kept, kept, not kept. */
import { CheckCircleOutlined, SyncOutlined, WarningOutlined } from '@ant-design/icons';
import { Alert, Button } from 'antd';
import { useState } from 'react';

import { ConfirmAction } from '../../ui/ConfirmAction';
import { exactly } from '../../ui/time';
import styles from './review.module.css';
import { useText } from './strings';
import type { Draft } from './useDraft';

/** Above a form that begins with a draft. */
export function Restored({ draft }: { draft: Draft }) {
  const t = useText();
  const [asking, setAsking] = useState(false);
  return (
    <>
      <Alert
        type="info"
        showIcon
        title={t('draft.restored', { time: exactly(draft.savedAt!, { short: true }) })}
        action={
          <Button size="small" onClick={() => setAsking(true)}>
            {t('draft.discard')}
          </Button>
        }
        style={{ marginBottom: 12 }}
      />
      <ConfirmAction
        open={asking}
        title={t('draft.discard')}
        confirm={t('draft.discard')}
        danger
        targets={[{ key: 'draft', label: t('draft.discard') }]}
        run={draft.discard}
        onClose={() => setAsking(false)}
      >
        <p>{t('draft.discardWhy')}</p>
      </ConfirmAction>
    </>
  );
}

/** In the bar, while somebody types. */
export function DraftState({ draft: { status, savedAt } }: { draft: Draft }) {
  const t = useText();
  return (
    <span role="status" className={`small ${status === 'failed' ? styles.soon : 'secondary'}`}>
      {status === 'saving' && (
        <>
          <SyncOutlined spin aria-hidden /> {t('draft.saving')}
        </>
      )}
      {status === 'saved' && (
        <>
          <CheckCircleOutlined aria-hidden /> {t('draft.saved', { time: exactly(savedAt!, { short: true }).slice(-5) })}
        </>
      )}
      {status === 'failed' && (
        <>
          <WarningOutlined aria-hidden /> {t('draft.failed')}
        </>
      )}
    </span>
  );
}
