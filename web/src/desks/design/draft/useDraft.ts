/** A draft while it is edited: its text, its saving, and what the server finds in it. */
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useMemo, useRef, useState, useSyncExternalStore } from 'react';
import { useBlocker } from 'react-router';

import type { Draft } from '../../../api/schema';
import { currentLanguage } from '../../../i18n/strings';
import { fileOf, lintQuery, saveDraft } from '../api';
import type { EditorHandle, Opened } from '../editor';
import { Autosave } from './autosave';

const READ_AFTER = 350;

export function useDraft(draft: Draft) {
  const { draftKey } = draft;
  const editor = useRef<EditorHandle | null>(null);
  const latest = useRef(draft.content);
  const [text, setText] = useState(draft.content);
  const [opened, setOpened] = useState<Opened | null>(null);
  const language = currentLanguage();
  // The editor opens a text once; it is given what has been made of it when its words change.
  // eslint-disable-next-line react-hooks/exhaustive-deps
  const content = useMemo(() => latest.current, [language]);

  const autosave = useMemo(
    () =>
      new Autosave({
        revision: draft.revision,
        read: async () => {
          latest.current = await (editor.current?.read() ?? latest.current);
          return latest.current;
        },
        save: (revision, content) => saveDraft(draftKey, revision, { content }),
      }),
    // A draft is opened anew with another key of its page.
    // eslint-disable-next-line react-hooks/exhaustive-deps
    [draftKey],
  );
  const saving = useSyncExternalStore(autosave.subscribe, autosave.current);

  const reading = useRef<ReturnType<typeof setTimeout>>(undefined);
  const change = useCallback(() => {
    autosave.changed();
    clearTimeout(reading.current);
    reading.current = setTimeout(() => {
      void editor.current?.read().then((read) => {
        latest.current = read;
        setText(read);
      });
    }, READ_AFTER);
  }, [autosave]);
  useEffect(() => () => clearTimeout(reading.current), []);

  const leaving = useSafeLeaving(autosave);
  const [files, contents] = useMemo(() => [[fileOf(draft.kind, draft.name, text)], [text]], [draft.kind, draft.name, text]);
  const lint = useQuery({ ...lintQuery(files, contents, false), enabled: draft.kind !== 'scenario', placeholderData: keepPreviousData });

  /** The text as it is now, also when it is not yet saved. */
  const read = useCallback(async () => {
    latest.current = await (editor.current?.read() ?? latest.current);
    setText(latest.current);
    return latest.current;
  }, []);
  /** The same without asking an editor in which nothing was changed: one that only shows a file may not know all of it. */
  const readNow = useCallback(() => (autosave.isUnsaved ? read() : Promise.resolve(latest.current)), [autosave, read]);
  return { editor, content, text, opened, setOpened, autosave, saving, change, read, readNow, lint, leaving };
}

/** Nobody leaves the page before what they have done is saved; where it cannot be, they are asked. */
function useSafeLeaving(autosave: Autosave<string>) {
  const blocker = useBlocker(() => autosave.isUnsaved);
  const [asked, ask] = useState(false);
  useEffect(() => {
    if (blocker.state !== 'blocked') return;
    void autosave.flush().then(() => (autosave.isUnsaved ? ask(true) : blocker.proceed()));
  }, [blocker, autosave]);
  useEffect(() => {
    const hold = (event: BeforeUnloadEvent) => {
      if (autosave.isUnsaved) event.preventDefault();
    };
    window.addEventListener('beforeunload', hold);
    return () => {
      window.removeEventListener('beforeunload', hold);
      autosave.dispose();
    };
  }, [autosave]);
  return {
    asked,
    leave: () => {
      ask(false);
      if (blocker.state === 'blocked') blocker.proceed();
    },
    stay: () => {
      ask(false);
      if (blocker.state === 'blocked') blocker.reset();
    },
  };
}
