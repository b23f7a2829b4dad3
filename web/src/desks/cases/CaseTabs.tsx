/** The sides of a case as tabs. However narrow the window, each can be reached: they scroll, and none is hidden in a menu. */
import { useEffect, useId, useRef, type KeyboardEvent, type ReactNode } from 'react';

import styles from './CasePage.module.css';

interface Props<Key extends string> {
  label: string;
  tabs: readonly { key: Key; label: string }[];
  active: Key;
  onChange: (key: Key) => void;
  /** Beside the tabs. */
  extra: ReactNode;
  /** The side that is shown. */
  children: ReactNode;
}

const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1 };

export function CaseTabs<Key extends string>({ label, tabs, active, onChange, extra, children }: Props<Key>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const at = (key: string) => list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[tabs.findIndex((tab) => tab.key === key)];
  const move = (event: KeyboardEvent) => {
    const step = STEPS[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const next = tabs[(tabs.findIndex(({ key }) => key === active) + step + tabs.length) % tabs.length]!;
    onChange(next.key);
    at(next.key)?.focus();
  };
  useEffect(() => {
    const [tab, strip] = [at(active), list.current];
    if (tab && strip) strip.scrollLeft = Math.min(tab.offsetLeft, Math.max(strip.scrollLeft, tab.offsetLeft + tab.offsetWidth - strip.clientWidth));
    // Only the choice of another tab brings it into sight.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [active]);
  return (
    <div>
      <div className={styles.tabRow}>
        <div role="tablist" aria-label={label} ref={list} className={styles.tabs} onKeyDown={move}>
          {tabs.map((tab) => (
            <button
              key={tab.key}
              type="button"
              role="tab"
              id={`${id}-${tab.key}`}
              aria-selected={tab.key === active}
              aria-controls={`${id}-panel`}
              tabIndex={tab.key === active ? 0 : -1}
              onClick={() => onChange(tab.key)}
            >
              {tab.label}
            </button>
          ))}
        </div>
        {extra}
      </div>
      <div role="tabpanel" id={`${id}-panel`} aria-labelledby={`${id}-${active}`} className={styles.panel}>
        {children}
      </div>
    </div>
  );
}
