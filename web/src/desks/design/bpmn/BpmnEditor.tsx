/** The editor of processes. */
import 'bpmn-js/dist/assets/diagram-js.css';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn-embedded.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import 'bpmn-js-color-picker/colors/color-picker.css';
import 'bpmn-js-token-simulation/assets/css/bpmn-js-token-simulation.css';
import 'diagram-js-minimap/assets/diagram-js-minimap.css';
import type Modeler from 'bpmn-js/lib/Modeler';
import { useEffect, useImperativeHandle, useRef, useState } from 'react';

import { currentLanguage } from '../../../i18n/strings';
import type { EditorProps } from '../editor';
import '../editor.css';
import styles from '../Editor.module.css';
import { keepFitted } from '../keepFitted';
import { Pane } from '../Pane';
import { useText } from '../strings';
import type { ForeignGroup } from './foreignGroup';
import { markFindings } from './findingMarks';
import { createModeler, fit, type Canvas, type Element } from './modeler';

interface Registry {
  get(id: string): Element | undefined;
}
interface Selection {
  select(element: Element): void;
}
interface CommandStack {
  undo(): void;
  redo(): void;
}

export default function BpmnEditor({ ref, content, findings, onChange, onOpened }: EditorProps) {
  const t = useText();
  const language = currentLanguage();
  const canvas = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [modeler, setModeler] = useState<Modeler | null>(null);
  const told = useRef({ onChange, onOpened });
  useEffect(() => {
    told.current = { onChange, onOpened };
  });

  useEffect(() => {
    const made = createModeler(canvas.current!, panel.current!);
    let gone = false;
    let forget = () => {};
    withDrawing(content)
      .then((xml) => made.importXML(xml).then(() => xml))
      .then((xml) => {
        if (gone) return;
        forget = keepFitted(canvas.current!, made.get<Canvas>('canvas'), fit);
        made.on('commandStack.changed', () => told.current.onChange());
        // The simulation's record scrolls, also for those without a mouse.
        canvas.current!.querySelector('.bts-log .bts-content')?.setAttribute('tabindex', '0');
        setModeler(made);
        told.current.onOpened({});
        if (xml !== content) told.current.onChange();
      })
      .catch((failure: unknown) => !gone && told.current.onOpened({ failure }));
    return () => {
      gone = true;
      forget();
      setModeler(null);
      made.destroy();
    };
  }, [content, language]);

  useEffect(() => {
    if (!modeler) return;
    markFindings(modeler, findings, (id) => show(modeler, id));
    modeler.get<ForeignGroup>('foreignGroup').tell(findings);
  }, [modeler, findings]);

  useImperativeHandle(ref, () => {
    const open = () => {
      if (!modeler) throw new Error(t('editor.notOpen'));
      return modeler;
    };
    return {
      read: async () => (await open().saveXML({ format: true })).xml!,
      picture: async () => (await open().saveSVG()).svg,
      show: (id) => show(open(), id),
      cure: (finding) => open().get<ForeignGroup>('foreignGroup').cure(finding),
      undo: () => open().get<CommandStack>('commandStack').undo(),
      redo: () => open().get<CommandStack>('commandStack').redo(),
    };
  }, [modeler, t]);

  return (
    <div className={styles.editor}>
      <div ref={canvas} className={`${styles.canvas} ${styles.paper}`} data-testid="bpmn-canvas" aria-label={t('editor.bpmn.label')} role="application" />
      <Pane name="properties" label={t('editor.properties')} at="end" usual={320} least={220} folds>
        <div ref={panel} className={styles.panel} aria-label={t('editor.properties')} role="region" />
      </Pane>
    </div>
  );
}

/** A process that was written without a drawing is drawn. */
async function withDrawing(xml: string): Promise<string> {
  if (/<(\w+:)?BPMNDiagram[\s>]/.test(xml)) return xml;
  const { layoutProcess } = await import('bpmn-auto-layout');
  return layoutProcess(xml);
}

/** Select an element and bring it into view, also inside a collapsed subprocess. */
function show(modeler: Modeler, id: string): void {
  const canvas = modeler.get<Canvas>('canvas');
  const element = modeler.get<Registry>('elementRegistry').get(id);
  if (!element) return;
  const root = canvas.findRoot(element);
  if (root && root !== canvas.getRootElement()) canvas.setRootElement(root);
  if (element !== root) canvas.scrollToElement(element, 120);
  modeler.get<Selection>('selection').select(element);
}
