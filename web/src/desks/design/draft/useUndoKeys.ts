/** Ctrl+Z and Ctrl+Y on the whole page of a draft, wherever an editor or a field does not take them for itself. */
import { useEffect, type RefObject } from 'react';

import { isTyping } from '../../../ui/shortcuts';
import type { EditorHandle } from '../editor';

export function useUndoKeys(editor: RefObject<EditorHandle | null>): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing || event.altKey || !(event.ctrlKey || event.metaKey) || isTyping(event.target)) return;
      const key = event.key.toLowerCase();
      if (key !== 'z' && key !== 'y') return;
      event.preventDefault();
      if (key === 'y' || event.shiftKey) editor.current?.redo?.();
      else editor.current?.undo?.();
    };
    document.addEventListener('keydown', press);
    return () => document.removeEventListener('keydown', press);
  }, [editor]);
}
