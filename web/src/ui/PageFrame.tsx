/** The frame of a page: its title (also the window's), what can be done, and its content. */
import { useEffect, type ReactNode } from 'react';

import styles from './PageFrame.module.css';

interface Props {
  title: string;
  /** Beside the title: a state, a count. */
  badge?: ReactNode;
  /** What can be done here, at the right. */
  actions?: ReactNode;
  /** Below the title: where this is, tabs, a sentence. */
  below?: ReactNode;
  /** The content takes the height that is left, and scrolls by itself (tables, canvases). */
  fill?: boolean;
  children: ReactNode;
}

export function PageFrame({ title, badge, actions, below, fill = false, children }: Props) {
  useTitle(title);
  return (
    <div className={fill ? `${styles.page} ${styles.fill}` : styles.page}>
      <header className={styles.header}>
        <h1 className={styles.title}>{title}</h1>
        {badge}
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {below}
      <div className={styles.content}>{children}</div>
    </div>
  );
}

/** Name the window after the page, and tell screen readers' users that it is another one. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} · Lendloom`;
  }, [title]);
}
