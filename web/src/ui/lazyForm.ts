/** The form viewer, loaded when the first form is shown. */
import { lazy } from 'react';

export const FormView = lazy(() => import('./FormView'));
