/** For somebody who is signed in and may do nothing. */
import { useText } from '../i18n/shell';
import { EmptyState } from '../ui/EmptyState';
import { PageFrame } from '../ui/PageFrame';

export function NoDesk() {
  const t = useText();
  return (
    <PageFrame title={t('noDesk.title')}>
      <EmptyState title={t('noDesk.title')} hint={t('noDesk.text')} />
    </PageFrame>
  );
}
