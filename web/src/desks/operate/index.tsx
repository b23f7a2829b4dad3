/** The pages of this desk. */
import { Route, Routes } from 'react-router';

import { NotFound } from '../../shell/NotFound';
import { EmptyState } from '../../ui/EmptyState';
import { PageFrame } from '../../ui/PageFrame';
import { useText } from './strings';

export default function OperateDesk() {
  return (
    <Routes>
      <Route index element={<Home />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}

function Home() {
  const t = useText();
  return (
    <PageFrame title={t('title')}>
      <EmptyState title={t('title')} />
    </PageFrame>
  );
}
