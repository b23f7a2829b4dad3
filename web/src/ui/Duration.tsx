/** How long something took or takes, in its two largest units. */
import { useText } from '../i18n/shell';
import { useNow } from './DateTime';
import { partsOf } from './time';

interface Props {
  from: string;
  /** Now, where it still goes on. */
  to?: string | null | undefined;
}

export function Duration({ from, to }: Props) {
  const say = useDuration();
  const now = useNow();
  return <span className="tabular">{say((to ? Date.parse(to) : now) - Date.parse(from))}</span>;
}

/** Milliseconds in words. */
export function useDuration(): (milliseconds: number) => string {
  const t = useText();
  return (milliseconds) => {
    const parts = partsOf(milliseconds);
    return parts.length === 0 ? t('duration.underSecond') : parts.map(({ unit, count }) => t(`duration.${unit}`, { count })).join(' ');
  };
}
