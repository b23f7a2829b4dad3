/** What operators do, as the records and batches name it, in words. */
import { useMemo } from 'react';

import { useText } from './strings';
import zh from './strings.zh';

/** `CANCEL_PROCESS_INSTANCE` in words. */
export function useOperationWord(): (type: string) => string {
  const t = useText();
  return useMemo(() => (type: string) => (`operation.${type}` in zh ? t(`operation.${type}` as keyof typeof zh) : type), [t]);
}
