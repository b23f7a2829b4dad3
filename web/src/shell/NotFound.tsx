/** An address that is no page. */
import { Button } from 'antd';
import { Link } from 'react-router';

import { useText } from '../i18n/shell';
import { EmptyState } from '../ui/EmptyState';
import { PageFrame } from '../ui/PageFrame';

export function NotFound() {
  const t = useText();
  return (
    <PageFrame title={t('notFound.title')}>
      <EmptyState
        hint={t('notFound.text')}
        action={
          <Link to="/">
            <Button>{t('notFound.home')}</Button>
          </Link>
        }
      />
    </PageFrame>
  );
}
