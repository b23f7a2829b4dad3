/** The editor of forms, with our fields in its palette. */
import { FormEditor as Editor } from '@bpmn-io/form-js-editor';
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import '@bpmn-io/form-js-editor/dist/assets/form-js-editor.css';
import '@bpmn-io/form-js-editor/dist/assets/properties-panel.css';
import '../../../../node_modules/@bpmn-io/form-js-editor/dist/assets/draggle.css';
import { useEffect, useImperativeHandle, useRef, useState } from 'react';

import { currentLanguage } from '../../../i18n/strings';
import { localizeCalendar } from '../../../ui/form/calendar';
import type { EditorProps } from '../editor';
import '../editor.css';
import './FormEditor.css';
import styles from '../Editor.module.css';
import { useText } from '../strings';
import { loadedIn } from '../vendor/literalWords';
import { editorFieldsModule } from './editorFields';

interface CommandStack {
  undo(): void;
  redo(): void;
}
interface Registry {
  get(id: string): { id: string } | undefined;
  getAll(): { id: string; key?: string; _path?: unknown }[];
}

export default function FormEditor({ ref, content, onChange, onOpened }: EditorProps) {
  const t = useText();
  const language = currentLanguage();
  const container = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<Editor | null>(null);
  const told = useRef({ onChange, onOpened });
  useEffect(() => {
    told.current = { onChange, onOpened };
  });
  useEffect(() => {
    // The editor's words are those of the language in which it was loaded.
    if (loadedIn !== language) told.current.onOpened({ outdated: true });
  }, [language]);

  useEffect(() => {
    localizeCalendar();
    const made = new Editor({ container: container.current!, additionalModules: [editorFieldsModule] } as never);
    let gone = false;
    Promise.resolve()
      .then(() => made.importSchema(JSON.parse(content) as never))
      .then(() => {
        if (gone) return;
        made.on('commandStack.changed', ({ trigger }: { trigger: string }) => trigger !== 'clear' && told.current.onChange());
        setEditor(made);
        told.current.onOpened({});
      })
      .catch((failure: unknown) => !gone && told.current.onOpened({ failure }));
    return () => {
      gone = true;
      setEditor(null);
      made.destroy();
    };
  }, [content, language]);

  useImperativeHandle(ref, () => {
    const open = () => {
      if (!editor) throw new Error(t('editor.notOpen'));
      return editor;
    };
    return {
      read: async () => `${JSON.stringify(open().saveSchema(), null, 2)}\n`,
      show: (name) => {
        const field = open().get<Registry>('formFieldRegistry').getAll().find(({ id, key }) => id === name || key === name);
        if (field) open().get<{ set(field: unknown): void }>('selection').set(field);
      },
      undo: () => open().get<CommandStack>('commandStack').undo(),
      redo: () => open().get<CommandStack>('commandStack').redo(),
    };
  }, [editor, t]);

  return (
    <div className={styles.editor}>
      <div ref={container} className={`${styles.canvas} lendloom-form-editor`} data-testid="form-canvas" />
    </div>
  );
}
