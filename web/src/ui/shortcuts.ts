/** Keyboard shortcuts of single letters, which keep silent while somebody types, and of Ctrl with a key, which do not. */
import { useEffect, useRef } from 'react';

/** By what is pressed: `j`, `?`, `Escape`, `Control+Enter` (also ⌘). */
export type Shortcuts = Readonly<Record<string, (event: KeyboardEvent) => void>>;

export function useShortcuts(shortcuts: Shortcuts, enabled = true): void {
  const current = useRef(shortcuts);
  useEffect(() => {
    current.current = shortcuts;
  });
  useEffect(() => {
    if (!enabled) return;
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.altKey) return;
      const withControl = event.ctrlKey || event.metaKey;
      if (!withControl && (isTyping(event.target) || isDialogOpen() || choosesWith(event))) return;
      const action = current.current[withControl ? `Control+${event.key}` : event.key];
      if (!action) return;
      event.preventDefault();
      action(event);
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [enabled]);
}

/** Whether a dialog stands above the page, wherever the focus is. */
export function isDialogOpen(): boolean {
  return [...document.querySelectorAll('[role="dialog"][aria-modal="true"]')].some((dialog) => dialog.getClientRects().length > 0);
}

/** Whether an arrow is for the choice that has the focus: radio buttons, tabs. */
function choosesWith({ key, target }: KeyboardEvent): boolean {
  return key.startsWith('Arrow') && target instanceof HTMLElement && target.closest('input[type="radio"], [role="radiogroup"], [role="tablist"]') !== null;
}

/** Whether what is pressed there is text, or belongs to a dialog above the page. */
export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.closest('input:not([type="checkbox"], [type="radio"]), textarea, select, [role="dialog"], [role="menu"], [role="listbox"], .djs-container') !== null;
}
