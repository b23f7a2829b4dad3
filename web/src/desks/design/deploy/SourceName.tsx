/** Which of a definition's contents is meant: a version, or a draft with who changed it when. */
import { DateTime } from '../../../ui/DateTime';
import { Person } from '../../../ui/Person';
import { useText } from '../strings';
import type { Source } from './bundle';

export function SourceName({ source, version }: { source: Source; version: number }) {
  const t = useText();
  if (source.draftKey === null) return t('bundle.version', { version });
  return (
    <>
      {t('bundle.draft', { name: source.name })} <Person username={source.changedBy} /> <DateTime value={source.changeDate} />
    </>
  );
}
