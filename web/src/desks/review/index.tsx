/** The pages of the reviewer's desk. */
import { Navigate, Route, Routes } from 'react-router';

import { NotFound } from '../../shell/NotFound';
import { BoxPage } from './BoxPage';
import { BOXES } from './boxes';
import { StartChoice, StartPage } from './StartPage';
import { StartedPage } from './StartedPage';
import { TaskPage } from './TaskPage';

export default function ReviewDesk() {
  return (
    <Routes>
      <Route index element={<Navigate to="todo" replace />} />
      {BOXES.map((box) => (
        <Route key={box} path={box} element={<BoxPage key={box} box={box} />} />
      ))}
      <Route path="started" element={<StartedPage />} />
      <Route path="start" element={<StartChoice />} />
      <Route path="start/:key" element={<StartPage />} />
      <Route path="tasks/:key" element={<TaskPage />} />
      <Route path="*" element={<NotFound />} />
    </Routes>
  );
}
