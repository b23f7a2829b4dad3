/** A page of this desk: its title, and the way to the others. */
import type { ReactNode } from 'react';
import { NavLink } from 'react-router';

import { PageFrame } from '../../ui/PageFrame';
import styles from './OperateFrame.module.css';
import { useText } from './strings';

const PAGES = [
  ['/operate', 'nav.overview'],
  ['/operate/incidents', 'nav.incidents'],
  ['/operate/instances', 'nav.instances'],
  ['/operate/jobs', 'nav.jobs'],
  ['/operate/timers', 'nav.timers'],
  ['/operate/messages', 'nav.messages'],
  ['/operate/batches', 'nav.batches'],
] as const;

interface Props {
  title: string;
  badge?: ReactNode;
  actions?: ReactNode;
  below?: ReactNode;
  fill?: boolean;
  children: ReactNode;
}

export function OperateFrame({ below, ...page }: Props) {
  const t = useText();
  return (
    <PageFrame
      {...page}
      below={
        <>
          <nav className={styles.nav} aria-label={t('title')}>
            {PAGES.map(([address, label]) => (
              <NavLink key={address} to={address} end={address === '/operate'} className={({ isActive }) => (isActive ? styles.here : '')!}>
                {t(label)}
              </NavLink>
            ))}
          </nav>
          {below}
        </>
      }
    />
  );
}
