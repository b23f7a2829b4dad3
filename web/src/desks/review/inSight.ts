/** On a telephone not all tabs fit into their row: the one that is open is brought into its middle. */
import { useEffect, type RefObject } from 'react';

export function useInSight(row: RefObject<HTMLElement | null>, selector: string, active: string): void {
  useEffect(() => {
    const all = row.current;
    const item = all?.querySelector<HTMLElement>(selector);
    if (!all || !item) return;
    const left = item.getBoundingClientRect().left - all.getBoundingClientRect().left;
    all.scrollLeft += left - (all.clientWidth - item.offsetWidth) / 2;
  }, [row, selector, active]);
}
