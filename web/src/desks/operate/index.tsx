/** The operator's desk: what runs, what is stuck, and how it is repaired. */
import { Route, Routes } from 'react-router';

import { NotFound } from '../../shell/NotFound';
import { BatchesPage } from './BatchesPage';
import { BatchPage } from './BatchPage';
import { IncidentsPage } from './IncidentsPage';
import { InstancesPage } from './InstancesPage';
import { JobsPage } from './JobsPage';
import { MessagesPage } from './MessagesPage';
import { MigrationPage } from './MigrationPage';
import { ModificationPage } from './ModificationPage';
import { OverviewPage } from './OverviewPage';
import { TimersPage } from './TimersPage';

export default function OperateDesk() {
  return (
    <Routes>
      <Route index element={<OverviewPage />} />
      <Route path="incidents" element={<IncidentsPage />} />
      <Route path="instances" element={<InstancesPage />} />
      <Route path="instances/:key/modification" element={<ModificationPage />} />
      <Route path="migration" element={<MigrationPage />} />
      <Route path="jobs" element={<JobsPage />} />
      <Route path="timers" element={<TimersPage />} />
      <Route path="messages" element={<MessagesPage />} />
      <Route path="batches" element={<BatchesPage />} />
      <Route path="batches/:key" element={<BatchPage />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}
