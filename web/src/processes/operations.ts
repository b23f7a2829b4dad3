/** What operators do, as records and batches name it, in words. */
import { useMemo } from 'react';

import { useText, type Key } from './strings';
import zh from './strings.zh';

/** `CANCEL_PROCESS_INSTANCE` in words. */
export function useOperationWord(): (type: string) => string {
  const t = useText();
  return useMemo(() => (type: string) => t((`operation.${type}` in zh ? `operation.${type}` : 'operation.UNKNOWN') as Key), [t]);
}
