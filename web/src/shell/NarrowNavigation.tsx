/** The navigation of a telephone: a drawer. */
import { Drawer } from 'antd';
import type { ReactNode } from 'react';

import { useText } from '../i18n/shell';

export default function NarrowNavigation({ open, onClose, children }: { open: boolean; onClose: () => void; children: ReactNode }) {
  const t = useText();
  return (
    <Drawer open={open} placement="left" size={260} title={t('nav.label')} onClose={onClose} styles={{ body: { padding: 8 } }}>
      <nav aria-label={t('nav.label')}>{children}</nav>
    </Drawer>
  );
}
