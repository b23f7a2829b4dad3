/** The editor of decisions: the graph, tables, literal and boxed expressions, each a view of the same file. */
import 'dmn-js/dist/assets/diagram-js.css';
import 'dmn-js/dist/assets/dmn-js-shared.css';
import 'dmn-js/dist/assets/dmn-js-drd.css';
import 'dmn-js/dist/assets/dmn-js-decision-table.css';
import 'dmn-js/dist/assets/dmn-js-decision-table-controls.css';
import 'dmn-js/dist/assets/dmn-js-literal-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression.css';
import 'dmn-js/dist/assets/dmn-js-boxed-expression-controls.css';
import 'dmn-js/dist/assets/dmn-font/css/dmn-embedded.css';
import '@bpmn-io/properties-panel/dist/assets/properties-panel.css';
import type Manager from 'dmn-js/lib/manager';
import type { View } from 'dmn-js/lib/manager';
import NavigatedViewer from 'dmn-js/lib/NavigatedViewer';
import { ApartmentOutlined, CodeOutlined, TableOutlined } from '@ant-design/icons';
import { useEffect, useImperativeHandle, useRef, useState, type ReactNode } from 'react';

import { currentLanguage } from '../../../i18n/strings';
import type { EditorProps } from '../editor';
import '../editor.css';
import './DmnEditor.css';
import styles from '../Editor.module.css';
import { keepFitted } from '../keepFitted';
import { Pane } from '../Pane';
import { useText } from '../strings';
import { markRows, placed, type ShownTable } from './cellMarks';
import { createModeler, fit, type Canvas } from './modeler';
import { asDmn13, lossesOf } from './namespaces';

interface CommandStack {
  undo(): void;
  redo(): void;
}
interface Props extends EditorProps {
  /** The decision whose logic is shown; null for the graph. */
  onView?: (decisionId: string | null) => void;
  /** The rules that matched in the last trial. */
  matched?: readonly string[];
}

const NONE: readonly string[] = [];

const ICONS: Readonly<Record<View['type'], ReactNode>> = {
  drd: <ApartmentOutlined />,
  decisionTable: <TableOutlined />,
  literalExpression: <CodeOutlined />,
  boxedExpression: <CodeOutlined />,
};

export default function DmnEditor({ ref, content, findings, onChange, onOpened, onView, matched = NONE }: Props) {
  const t = useText();
  const language = currentLanguage();
  const container = useRef<HTMLDivElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const [manager, setManager] = useState<Manager | null>(null);
  const [views, setViews] = useState<{ all: View[]; active: View | undefined }>({ all: [], active: undefined });
  const told = useRef({ onChange, onOpened, onView });
  useEffect(() => {
    told.current = { onChange, onOpened, onView };
  });

  useEffect(() => {
    let made: Manager | undefined;
    let gone = false;
    const open = async () => {
      const { xml, losses } = asDmn13(content);
      made = createModeler(container.current!, panel.current!);
      const { warnings } = await made.importXML(xml);
      const lost = [...losses, ...lossesOf(warnings)];
      if (lost.length > 0 && !gone) {
        made.destroy();
        made = new NavigatedViewer({ container: container.current! });
        await made.importXML(xml);
      }
      if (gone) return;
      follow(made, setViews, told);
      setManager(made);
      told.current.onOpened(lost.length > 0 ? { readOnlyFor: lost } : {});
    };
    open().catch((failure: unknown) => !gone && told.current.onOpened({ failure }));
    return () => {
      gone = true;
      setManager(null);
      made?.destroy();
    };
  }, [content, language]);

  const { active } = views;
  useEffect(() => {
    told.current.onView?.(active && active.type !== 'drd' ? active.element.id : null);
  }, [active]);
  const isGraph = active?.type === 'drd';
  useEffect(() => {
    if (!manager || !isGraph) return undefined;
    return keepFitted(container.current!, manager.getActiveViewer()!.get<Canvas>('canvas'), fit);
  }, [manager, isGraph]);
  useEffect(() => {
    if (!manager || !active || !container.current) return undefined;
    return markRows(container.current, placed(findings, (active.element as { decisionLogic?: ShownTable }).decisionLogic), matched);
  }, [manager, active, findings, matched]);

  useImperativeHandle(ref, () => {
    const open = () => {
      if (!manager) throw new Error(t('editor.notOpen'));
      return manager;
    };
    const stack = () => open().getActiveViewer()?.get<CommandStack>('commandStack');
    return {
      read: async () => (await open().saveXML({ format: true })).xml,
      show: (id) => void show(open(), id, container.current!),
      undo: () => stack()?.undo(),
      redo: () => stack()?.redo(),
    };
  }, [manager, t]);

  return (
    <div className={styles.editor}>
      <div className={styles.column}>
        <div className={styles.views} role="tablist" aria-label={t('editor.dmn.views')}>
          {views.all.map((view) => (
            <button
              key={`${view.type} ${view.element.id}`}
              type="button"
              role="tab"
              className={styles.view}
              aria-selected={view === active || (view.type === active?.type && view.element.id === active.element.id)}
              onClick={() => void manager?.open(view)}
            >
              {ICONS[view.type]} {view.type === 'drd' ? t('editor.dmn.graph') : (view.element.name ?? view.element.id)}
            </button>
          ))}
        </div>
        <div ref={container} className={`${styles.canvas} ${styles.paper} lendloom-dmn`} data-testid="dmn-canvas" />
      </div>
      <Pane name="properties" label={t('editor.properties')} at="end" usual={320} least={220} folds hidden={active !== undefined && active.type !== 'drd'}>
        <div ref={panel} className={styles.panel} aria-label={t('editor.properties')} role="region" />
      </Pane>
    </div>
  );
}

interface Told {
  current: Pick<Props, 'onChange' | 'onView'>;
}

/** Keep up with which views there are, and with changes in each. */
function follow(manager: Manager, setViews: (views: { all: View[]; active: View | undefined }) => void, told: Told): void {
  const followed = new Set<object>();
  const look = () => {
    setViews({ all: manager.getViews(), active: manager.getActiveView() });
    const viewer = manager.getActiveViewer();
    if (!viewer || followed.has(viewer)) return;
    followed.add(viewer);
    viewer.on('elements.changed', () => told.current.onChange());
    viewer.on('commandStack.changed', () => told.current.onChange());
  };
  manager.on('views.changed', look);
  look();
}

/** Open the decision that an id belongs to, and bring its rule or column into view. */
async function show(manager: Manager, id: string, container: HTMLElement): Promise<void> {
  const view = manager.getViews().find(({ element, type }) => type !== 'drd' && contains(element, id));
  if (!view) return;
  await manager.open(view);
  const place = CSS.escape(id);
  container.querySelector(`[data-row-id="${place}"], [data-col-id="${place}"]`)?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

function contains(element: object & { id?: string; decisionLogic?: object }, id: string): boolean {
  if (element.id === id) return true;
  const logic = element.decisionLogic as { id?: string; rule?: { id: string }[]; input?: { id: string }[]; output?: { id: string }[] } | undefined;
  if (!logic) return false;
  return logic.id === id || [logic.rule, logic.input, logic.output].some((parts) => parts?.some((part) => part.id === id));
}
