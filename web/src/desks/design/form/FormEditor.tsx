/** The editor of forms, with our fields in its palette. */
import { FormEditor as Editor } from '@bpmn-io/form-js-editor';
import '@bpmn-io/form-js-viewer/dist/assets/form-js.css';
import '@bpmn-io/form-js-editor/dist/assets/form-js-editor.css';
import '@bpmn-io/form-js-editor/dist/assets/properties-panel.css';
import '../../../../node_modules/@bpmn-io/form-js-editor/dist/assets/draggle.css';
import { useEffect, useImperativeHandle, useRef, useState } from 'react';

import { currentLanguage } from '../../../i18n/strings';
import '../../../ui/FormView.css';
import { localizeCalendar } from '../../../ui/form/calendar';
import type { EditorProps } from '../editor';
import '../editor.css';
import './FormEditor.css';
import styles from '../Editor.module.css';
import { Pane } from '../Pane';
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

export default function FormEditor({ ref, content, isBeside, onChange, onOpened }: EditorProps) {
  const t = useText();
  const language = currentLanguage();
  const palette = useRef<HTMLDivElement>(null);
  const container = useRef<HTMLDivElement>(null);
  const properties = useRef<HTMLDivElement>(null);
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
    const made = new Editor({
      container: container.current!,
      palette: { parent: palette.current! },
      propertiesPanel: { parent: properties.current! },
      additionalModules: [editorFieldsModule],
    } as never);
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
    <div className={`${styles.editor} lendloom-form-editor`}>
      <Pane name={isBeside ? 'palette.beside' : 'palette'} label={t('editor.palette')} at="start" usual={250} least={180} folds foldedAtFirst={isBeside}>
        <div ref={palette} className="fjs-container lendloom-form-palette" aria-label={t('editor.palette')} role="region" />
      </Pane>
      <div ref={container} className={`${styles.canvas} ${styles.between}`} data-testid="form-canvas" />
      <Pane name="properties" label={t('editor.properties')} at="end" usual={320} least={220} folds>
        <div ref={properties} className={`fjs-container ${styles.panel}`} aria-label={t('editor.properties')} role="region" />
      </Pane>
    </div>
  );
}
