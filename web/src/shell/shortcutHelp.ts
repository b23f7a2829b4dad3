/** What the keyboard help lists: the shell's shortcuts, and those of the page that is open. */
import { useEffect, useSyncExternalStore } from 'react';

export interface ShortcutGroup {
  title: string;
  /** Keys as they stand on the keyboard, and what they do. */
  keys: readonly (readonly [keys: string, what: string])[];
}

let groups: readonly ShortcutGroup[] = [];
const listeners = new Set<() => void>();

function change(next: readonly ShortcutGroup[]): void {
  groups = next;
  for (const listener of listeners) listener();
}

/** List a page's shortcuts while it is open. */
export function useShortcutHelp(group: ShortcutGroup): void {
  const shape = JSON.stringify(group);
  useEffect(() => {
    const added = JSON.parse(shape) as ShortcutGroup;
    change([...groups, added]);
    return () => change(groups.filter((each) => each !== added));
  }, [shape]);
}

export function useShortcutGroups(): readonly ShortcutGroup[] {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => groups,
  );
}
