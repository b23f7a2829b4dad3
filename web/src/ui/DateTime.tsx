/** An instant: how long ago or until it, and exactly. */
import { useContext, useSyncExternalStore } from 'react';

import { useText } from '../i18n/shell';
import { OnPaper } from './paper';
import { exactly, relatively, zone } from './time';

interface Props {
  value: string | null | undefined;
  /** What stands on the page; the other is its title. */
  show?: 'exact' | 'relative' | 'both';
  /** Mark it where it has passed: a time limit. */
  limit?: boolean;
}

export function DateTime({ value, show = 'exact', limit = false }: Props) {
  const t = useText();
  const now = useNow();
  const onPaper = useContext(OnPaper);
  if (!value) return <span className="secondary">{t('time.none')}</span>;
  const exact = exactly(value, onPaper ? { seconds: true } : { short: true });
  const relative = relatively(value, new Date(notBefore(value, now)));
  const isLate = limit && Date.parse(value) < now;
  const content = show === 'exact' ? exact : show === 'relative' ? relative : `${exact} · ${relative}`;
  return (
    <time
      dateTime={value}
      className="tabular"
      title={`${exactly(value, { seconds: true })} · ${relative} · ${t('time.zone', { zone: zone() })}`}
      style={isLate ? { color: 'var(--ll-error)', fontWeight: 600 } : undefined}
    >
      {content}
    </time>
  );
}

/** The page's clock ticks every half minute; what has happened since then is not to come. */
function notBefore(value: string, now: number): number {
  const instant = Date.parse(value);
  return instant > now && instant <= Date.now() ? instant : now;
}

let now = Date.now();
const listeners = new Set<() => void>();
let ticker: ReturnType<typeof setInterval> | undefined;

function tick(): void {
  now = Date.now();
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (ticker === undefined) {
    ticker = setInterval(tick, 30_000);
    tick();
  }
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(ticker);
    ticker = undefined;
  };
}

/** The time to half a minute, for everything on the page together. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}
