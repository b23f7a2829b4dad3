/** What stands beside an editor: the form as people will see it, a decision to be tried, scenarios, earlier contents. */
import { CloseOutlined } from '@ant-design/icons';
import { Button, Skeleton } from 'antd';
import { lazy, Suspense } from 'react';

import type { Draft } from '../../../api/schema';
import { Pane } from '../Pane';
import { useText } from '../strings';
import styles from './SidePanel.module.css';

export type Side = 'try' | 'preview' | 'scenarios' | 'history';

const FormPreview = lazy(() => import('../form/FormPreview'));
const TryDecision = lazy(() => import('../dmn/TryDecision'));
const Scenarios = lazy(() => import('../scenario/Scenarios'));
const History = lazy(() => import('./History'));

export interface SideProps {
  draft: Draft;
  /** The draft as it is now. */
  text: string;
  /** The same with what was typed a moment ago. */
  read: () => Promise<string>;
  /** The decision that is open in the editor. */
  decision: string | null;
  /** Shows in the editor which rules have matched. */
  onMatched: (ruleIds: readonly string[]) => void;
}

interface Props extends SideProps {
  side: Side;
  onClose: () => void;
}

export function SidePanel({ side, onClose, ...shown }: Props) {
  const t = useText();
  return (
    <Pane name="side" label={t(`side.${side}`)} at="end" usual={420} least={300}>
      <aside className={styles.side} aria-label={t(`side.${side}`)}>
        <header className={styles.header}>
          <h2>{t(`side.${side}`)}</h2>
          <Button type="text" size="small" icon={<CloseOutlined />} aria-label={t('side.close')} onClick={onClose} />
        </header>
        <div className={styles.content}>
          <Suspense fallback={<Skeleton active />}>
            {side === 'preview' && <FormPreview {...shown} />}
            {side === 'try' && <TryDecision {...shown} />}
            {side === 'scenarios' && <Scenarios {...shown} />}
            {side === 'history' && <History {...shown} />}
          </Suspense>
        </div>
      </aside>
    </Pane>
  );
}
