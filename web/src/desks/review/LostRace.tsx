/** Somebody was faster: who, and what to do now. */
import { Alert, Button } from 'antd';
import { Link } from 'react-router';

import { asProblem } from '../../api/problem';
import { Sentence } from '../../ui/ProblemNotice';
import { useText } from './strings';

export function LostRace({ error, back, onNext }: { error: unknown; back: string; onNext: () => void }) {
  const t = useText();
  return (
    <Alert
      type="warning"
      showIcon
      role="alert"
      style={{ background: 'var(--ll-warning-surface)' }}
      title={t('lost.title')}
      description={<Sentence problem={asProblem(error)} />}
      action={
        <div style={{ display: 'flex', gap: 8, flexWrap: 'wrap' }}>
          <Button size="small" type="primary" onClick={onNext}>
            {t('lost.next')}
          </Button>
          <Link to={back}>
            <Button size="small">{t('lost.list')}</Button>
          </Link>
        </div>
      }
    />
  );
}
