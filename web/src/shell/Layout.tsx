/** The frame around all pages: desks at the side (on a telephone in a drawer), the bar above, the content. */
import { MenuOutlined, QuestionCircleOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Link, Outlet, useLocation } from 'react-router';

import { useLiveUpdates } from '../api/live';
import { useMay, useMe } from '../api/me';
import { useText } from '../i18n/shell';
import { useNarrow } from '../ui/media';
import { isTyping, useShortcuts } from '../ui/shortcuts';
import { ConnectionBanner } from './ConnectionBanner';
import { desksOf } from './desks';
import styles from './Layout.module.css';
import { PersonMenu } from './PersonMenu';
import { Search } from './Search';

const Help = lazy(() => import('./Help'));
const Notices = lazy(() => import('./Notices').then(({ Notices }) => ({ default: Notices })));
const NarrowNavigation = lazy(() => import('./NarrowNavigation'));

export function Layout() {
  const t = useText();
  const narrow = useNarrow();
  const may = useMay();
  const [open, setOpen] = useState(false);
  const [help, setHelp] = useState<boolean>();
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  useFocusOnNewPage(main, pathname);
  useLiveUpdates(true);
  useShortcuts({ '?': () => setHelp(true) });
  return (
    <div className={styles.layout}>
      <a className={styles.skip} href="#content" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        {t('app.skip')}
      </a>
      <header className={styles.bar}>
        {narrow && (
          <Button type="text" icon={<MenuOutlined />} aria-label={t('nav.open')} onClick={() => setOpen(true)} />
        )}
        <Link to="/" className={styles.brand} aria-label={t('app.name')}>
          <img src="/assets/lendloom.svg" alt="" width={24} height={24} />
          {!narrow && <span>{t('app.name')}</span>}
        </Link>
        {(may('process-instance:read') || may('user-task:read') || may('deployment:create')) && <Search />}
        <div className={styles.tools}>
          {!narrow && (
            <Button type="text" icon={<QuestionCircleOutlined />} aria-label={t('help.label')} onClick={() => setHelp(true)} />
          )}
          <Suspense fallback={null}>
            <Notices />
          </Suspense>
          <PersonMenu />
        </div>
      </header>
      <ConnectionBanner />
      <div className={styles.below}>
        {!narrow && (
          <nav className={styles.side} aria-label={t('nav.label')}>
            <Desks />
          </nav>
        )}
        <main id="content" ref={main} tabIndex={-1} className={styles.main}>
          <Outlet />
        </main>
      </div>
      {help !== undefined && (
        <Suspense>
          <Help open={help} onClose={() => setHelp(false)} />
        </Suspense>
      )}
      {narrow && (
        <Suspense>
          <NarrowNavigation open={open} onClose={() => setOpen(false)}>
            <Desks onChoose={() => setOpen(false)} />
          </NarrowNavigation>
        </Suspense>
      )}
    </div>
  );
}

function Desks({ onChoose }: { onChoose?: () => void }) {
  const t = useText();
  const me = useMe();
  const { pathname } = useLocation();
  const current = pathname.split('/')[1] ?? '';
  return (
    <ul className={styles.desks}>
      {desksOf(me).map(({ id, label, icon }) => (
        <li key={id}>
          <Link to={`/${id}`} aria-current={id === current ? 'page' : undefined} onClick={onChoose}>
            {icon}
            {t(label)}
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** After a change of page the keyboard goes on from the content, not from the link that was clicked. */
function useFocusOnNewPage(main: React.RefObject<HTMLElement | null>, pathname: string): void {
  const before = useRef(pathname);
  useEffect(() => {
    if (before.current === pathname) return;
    before.current = pathname;
    main.current?.scrollTo(0, 0);
    // A page may come late: whoever is typing by then goes on typing.
    if (!main.current?.contains(document.activeElement) && !isTyping(document.activeElement)) main.current?.focus({ preventScroll: true });
  }, [main, pathname]);
}
