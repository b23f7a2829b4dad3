/** What empties a field, with a name for those who do not see its icon; for `allowClear` of inputs and selections. */
import { CloseCircleFilled } from '@ant-design/icons';
import { useMemo } from 'react';

import { useText } from '../i18n/shell';

export function useClearable(): { clearIcon: React.ReactNode; label: string } {
  const t = useText();
  const label = t('clear');
  return useMemo(() => ({ clearIcon: <CloseCircleFilled aria-label={label} />, label }), [label]);
}
