/** The case view: all cases, and a page for each. */
import { Route, Routes } from 'react-router';

import { NotFound } from '../../shell/NotFound';
import { BusinessPage } from './BusinessPage';
import { CasePage } from './CasePage';
import { CasesPage } from './CasesPage';
import { PrintPage } from './PrintPage';

export default function CasesDesk() {
  return (
    <Routes>
      <Route index element={<CasesPage />} />
      <Route path="business/:businessId" element={<BusinessPage />} />
      <Route path=":key" element={<CasePage />} />
      <Route path=":key/print" element={<PrintPage />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}
