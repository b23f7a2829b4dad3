/** The pages of this desk. */
import { lazy } from 'react';
import { Route, Routes } from 'react-router';

import { NotFound } from '../../shell/NotFound';

const RepositoryPage = lazy(() => import('./repository/RepositoryPage'));
const DraftPage = lazy(() => import('./draft/DraftPage'));

export default function DesignDesk() {
  return (
    <Routes>
      <Route index element={<RepositoryPage />} />
      <Route path="drafts/:draftKey" element={<DraftPage />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}
