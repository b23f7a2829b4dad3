import { createRoot } from 'react-dom/client';

import './base.css';
import { App } from './shell/App';
import { applyLanguage } from './shell/language';

applyLanguage();
createRoot(document.getElementById('root')!).render(<App />);
