/** Says that the connection is lost, as long as it is. */
import { Alert } from 'antd';
import { useSyncExternalStore } from 'react';

import { useText } from '../i18n/shell';

function subscribe(listener: () => void): () => void {
  window.addEventListener('online', listener);
  window.addEventListener('offline', listener);
  return () => {
    window.removeEventListener('online', listener);
    window.removeEventListener('offline', listener);
  };
}

export function ConnectionBanner() {
  const t = useText();
  const online = useSyncExternalStore(subscribe, () => navigator.onLine);
  return online ? null : <Alert banner type="warning" title={t('offline')} role="status" />;
}
