/** Tabs whose panels stay as they were left: what was typed into one is still there after a look at another. */
import { useId, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';

import { useInSight } from './inSight';
import styles from './review.module.css';

export interface Tab<Key extends string> {
  key: Key;
  label: string;
  content: ReactNode;
}

interface Props<Key extends string> {
  label: string;
  tabs: readonly Tab<Key>[];
  active: Key;
  onChange: (key: Key) => void;
}

export function Tabs<Key extends string>({ label, tabs, active, onChange }: Props<Key>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState<ReadonlySet<Key>>(new Set([active]));
  if (!seen.has(active)) setSeen(new Set([...seen, active]));
  useInSight(list, '[aria-selected="true"]', active);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    const at = (tabs.findIndex(({ key }) => key === active) + step + tabs.length) % tabs.length;
    event.preventDefault();
    onChange(tabs[at]!.key);
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[at]?.focus();
  };
  return (
    <>
      <div role="tablist" aria-label={label} ref={list} className={styles.tabs} onKeyDown={move}>
        {tabs.map(({ key, label: name }) => (
          <button
            key={key}
            type="button"
            role="tab"
            id={`${id}-tab-${key}`}
            aria-selected={key === active}
            aria-controls={`${id}-${key}`}
            tabIndex={key === active ? 0 : -1}
            onClick={() => onChange(key)}
          >
            {name}
          </button>
        ))}
      </div>
      {tabs.map(({ key, content }) => (
        <div key={key} role="tabpanel" id={`${id}-${key}`} aria-labelledby={`${id}-tab-${key}`} hidden={key !== active}>
          {seen.has(key) && content}
        </div>
      ))}
    </>
  );
}
