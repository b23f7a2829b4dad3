/** The diagram viewer, loaded when the first diagram is shown. */
import { lazy } from 'react';

export const Diagram = lazy(() => import('./Diagram'));
