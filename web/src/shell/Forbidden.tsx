/** A page that somebody's roles do not open; says which permission is missing. */
import { useText } from '../i18n/shell';
import { EmptyState } from '../ui/EmptyState';
import { PageFrame } from '../ui/PageFrame';

export function Forbidden({ permissions }: { permissions: readonly string[] }) {
  const t = useText();
  return (
    <PageFrame title={t('forbidden.title')}>
      <EmptyState
        hint={t('forbidden.text')}
        action={permissions.map((each) => (
          <code key={each}>{each}</code>
        ))}
      />
    </PageFrame>
  );
}
