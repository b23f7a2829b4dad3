/** The editor of scenario files: YAML with its colours, search and undo. */
import { yaml } from '@codemirror/lang-yaml';
import { HighlightStyle, syntaxHighlighting } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { EditorView, keymap } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { basicSetup } from 'codemirror';
import { redo, undo, indentWithTab } from '@codemirror/commands';
import { useEffect, useImperativeHandle, useRef } from 'react';

import { currentLanguage } from '../../../i18n/strings';
import type { EditorProps } from '../editor';
import styles from '../Editor.module.css';
import { useText } from '../strings';
import { phrases } from './phrases';

const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--ll-primary)' },
  { tag: [tags.string, tags.content], color: 'var(--ll-text)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--ll-success)' },
  { tag: tags.comment, color: 'var(--ll-text-quiet)', fontStyle: 'italic' },
  { tag: [tags.separator, tags.punctuation, tags.meta], color: 'var(--ll-text-secondary)' },
]);

const LOOK = EditorView.theme({
  '&': { height: '100%', backgroundColor: 'var(--ll-surface)', color: 'var(--ll-text)', fontSize: '13px' },
  '.cm-scroller': { fontFamily: 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace', lineHeight: '1.6' },
  '.cm-gutters': { backgroundColor: 'var(--ll-page)', color: 'var(--ll-text-quiet)', borderColor: 'var(--ll-border)' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--ll-hover)' },
  '.cm-cursor': { borderLeftColor: 'var(--ll-text)' },
  '&.cm-focused .cm-selectionBackground, .cm-selectionBackground': { backgroundColor: 'var(--ll-selected) !important' },
  '.cm-panels': { backgroundColor: 'var(--ll-raised)', color: 'var(--ll-text)' },
});

export default function ScenarioEditor({ ref, content, onChange, onOpened }: EditorProps) {
  const t = useText();
  const language = currentLanguage();
  const container = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const told = useRef({ onChange, onOpened });
  useEffect(() => {
    told.current = { onChange, onOpened };
  });
  const label = t('scenario.editorLabel');
  useEffect(() => {
    const made = new EditorView({
      parent: container.current!,
      state: EditorState.create({
        doc: content,
        extensions: [
          basicSetup,
          keymap.of([indentWithTab]),
          yaml(),
          syntaxHighlighting(COLOURS),
          LOOK,
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, 'tabindex': '0' }),
          EditorState.phrases.of(phrases(language)),
          EditorView.updateListener.of((update) => update.docChanged && told.current.onChange()),
        ],
      }),
    });
    view.current = made;
    told.current.onOpened({});
    return () => {
      view.current = null;
      made.destroy();
    };
  }, [content, language, label]);

  useImperativeHandle(ref, () => {
    const open = () => {
      if (!view.current) throw new Error(t('editor.notOpen'));
      return view.current;
    };
    return {
      read: async () => open().state.doc.toString(),
      undo: () => void undo(open()),
      redo: () => void redo(open()),
    };
  }, [t]);

  return (
    <div className={styles.editor}>
      <div ref={container} className={styles.canvas} data-testid="scenario-editor" />
    </div>
  );
}
