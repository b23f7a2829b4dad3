/** The pages of this desk. */
import { lazy } from 'react';
import { Route, Routes } from 'react-router';

import { NotFound } from '../../shell/NotFound';

const RepositoryPage = lazy(() => import('./repository/RepositoryPage'));
const DefinitionPage = lazy(() => import('./repository/DefinitionPage'));
const VersionPage = lazy(() => import('./repository/VersionPage'));
const ComparePage = lazy(() => import('./compare/ComparePage'));
const DraftPage = lazy(() => import('./draft/DraftPage'));

export default function DesignDesk() {
  return (
    <Routes>
      <Route index element={<RepositoryPage />} />
      <Route path="drafts/:draftKey" element={<DraftPage />} />
      <Route path="versions/:resourceKey" element={<VersionPage />} />
      <Route path="compare" element={<ComparePage />} />
      <Route path="bpmn/:definitionId" element={<DefinitionPage kind="process" />} />
      <Route path="dmn/:definitionId" element={<DefinitionPage kind="decisionRequirements" />} />
      <Route path="form/:definitionId" element={<DefinitionPage kind="form" />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}
