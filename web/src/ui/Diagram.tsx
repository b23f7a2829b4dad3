/**
 * A BPMN diagram with what has happened on it: the passed path, the tokens, the incidents, counts; and the same as
 * a table, for those who cannot see or point. Load it lazily (`lazyDiagram.ts`).
 *
 * The bpmn.io mark at the bottom right stays as it is: nothing may be laid over that corner.
 */
import { AimOutlined, CompressOutlined, MinusOutlined, PlusOutlined, TableOutlined } from '@ant-design/icons';
import { Button, Spin } from 'antd';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/diagram-js.css';
import { useEffect, useRef, useState } from 'react';

import { useText } from '../i18n/shell';
import { usePreference } from '../shell/preferences';
import styles from './Diagram.module.css';
import './Diagram.css';
import { DiagramTable } from './DiagramTable';
import { elementsOf, type DiagramElement } from './diagramElements';
import { followFingers } from './diagramTouch';
import { firstView, type Box } from './diagramView';
import { ProblemNotice } from './ProblemNotice';

export type ElementState = 'passed' | 'active' | 'incident';

export interface ElementMark {
  state?: ElementState;
  /** Shown on the element: tokens, instances. */
  count?: number;
  incidents?: number;
  /** How warm the element is drawn in a heat map, 0 to 4. */
  heat?: number;
}

export interface DiagramProps {
  xml: string;
  /** What the diagram shows, for screen readers. */
  name: string;
  /** By the element's id. */
  marks?: Readonly<Record<string, ElementMark>>;
  /** What the marks count, for the table. */
  counted?: string;
  /** Ids of the sequence flows that were taken. */
  flows?: readonly string[];
  selected?: string | null;
  onSelect?: (elementId: string | null) => void;
  height?: number | string;
}

interface Canvas {
  zoom(level?: number | 'fit-viewport', center?: 'auto' | { x: number; y: number }): number;
  scroll(by: { dx: number; dy: number }): void;
  scrollToElement(id: string, padding: number): void;
  viewbox(box?: Box): Box & { inner: Box; outer: { width: number; height: number } };
  addMarker(id: string, marker: string): void;
  removeMarker(id: string, marker: string): void;
  getRootElement(): { id: string };
  findRoot(id: string): { id: string } | null;
}
interface Overlays {
  add(id: string, type: string, overlay: { position: object; scale: object; html: HTMLElement | string }): string;
  remove(filter: { type: string }): void;
}
interface Registry {
  get(id: string): (Box & { type: string; collapsed?: boolean; children?: unknown[]; waypoints?: unknown }) | undefined;
}

// However small a diagram is drawn, its numbers are read.
const READABLE = { min: 0.7, max: 1.5 };

export default function Diagram(props: DiagramProps) {
  const { xml, name, marks = {}, counted, flows = [], selected = null, onSelect, height = 420 } = props;
  const t = useText();
  const container = useRef<HTMLDivElement>(null);
  const [viewer, setViewer] = useState<NavigatedViewer | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [asTable, setAsTable] = usePreference('diagram.table', false);
  const select = useRef(onSelect);
  useEffect(() => {
    select.current = onSelect;
  });

  useEffect(() => {
    const made = new NavigatedViewer({ container: container.current! });
    let gone = false;
    setFailure(null);
    made
      .importXML(xml)
      .then(() => {
        if (gone) return;
        fit(made);
        made.on<{ element: { id: string } }>('element.click', ({ element }) => {
          const root = made.get<Canvas>('canvas').getRootElement().id;
          select.current?.(element.id === root ? null : element.id.replace(/_label$/, ''));
        });
        setViewer(made);
      })
      .catch((error: unknown) => !gone && setFailure(error));
    const end = followFingers(container.current!, made.get<Canvas>('canvas'));
    return () => {
      gone = true;
      end();
      setViewer(null);
      made.destroy();
    };
  }, [xml]);

  useMarks(viewer, marks, flows, selected, t);
  const current = placesOf(marks);
  useFirstView(viewer, current, selected);
  const zoom = (factor: number) => {
    const canvas = viewer?.get<Canvas>('canvas');
    canvas?.zoom(Math.max(0.2, Math.min(4, canvas.zoom() * factor)), 'auto');
  };
  return (
    <div className={styles.frame}>
      <div className={styles.tools}>
        {!asTable && (
          <>
            {current.length > 0 && (
              <Button size="small" icon={<AimOutlined />} aria-label={t('diagram.current')} onClick={() => viewer && showPlaces(viewer, current)} />
            )}
            <Button size="small" icon={<PlusOutlined />} aria-label={t('diagram.zoomIn')} onClick={() => zoom(1.25)} />
            <Button size="small" icon={<MinusOutlined />} aria-label={t('diagram.zoomOut')} onClick={() => zoom(0.8)} />
            <Button size="small" icon={<CompressOutlined />} aria-label={t('diagram.fit')} onClick={() => viewer && fit(viewer)} />
          </>
        )}
        <Button size="small" icon={<TableOutlined />} aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
          {t(asTable ? 'diagram.asPicture' : 'diagram.asTable')}
        </Button>
      </div>
      {failure !== null && <ProblemNotice error={failure} title={t('diagram.failed')} />}
      {asTable && viewer && (
        <DiagramTable name={name} elements={elementsOf(viewer)} marks={marks} counted={counted} selected={selected} onSelect={onSelect} />
      )}
      <div className={styles.canvas} style={{ height, display: asTable ? 'none' : undefined }}>
        {!viewer && failure === null && <Spin className={styles.wait!} />}
        <div ref={container} className={styles.drawing} role="group" aria-label={t('diagram.label', { name })} />
      </div>
    </div>
  );
}

function fit(viewer: NavigatedViewer): void {
  const canvas = viewer.get<Canvas>('canvas');
  canvas.zoom('fit-viewport', 'auto');
  // A little room around it, and small diagrams not larger than they were drawn.
  canvas.zoom(Math.min(1, canvas.zoom() * 0.95), 'auto');
}

/** The elements with incidents, then those with tokens. */
function placesOf(marks: Readonly<Record<string, ElementMark>>): string[] {
  const having = (wanted: ElementState) => Object.keys(marks).filter((id) => marks[id]!.state === wanted);
  return [...having('incident'), ...having('active')];
}

const isOpen = ({ type, collapsed, children }: NonNullable<ReturnType<Registry['get']>>) =>
  /SubProcess|Transaction|Participant/.test(type) && !collapsed && Boolean(children?.length);

/** What stands for an element in the plane that is shown: itself, or the collapsed subprocess that it is in. */
function inSight(canvas: Canvas, id: string): string {
  const root = canvas.findRoot(id);
  return root && root.id !== canvas.getRootElement().id ? root.id.replace(/_plane$/, '') : id;
}

/** Show where the tokens are, if all of the diagram could not be read. */
function showPlaces(viewer: NavigatedViewer, ids: readonly string[]): void {
  const [canvas, registry] = [viewer.get<Canvas>('canvas'), viewer.get<Registry>('elementRegistry')];
  const { inner, outer } = canvas.viewbox();
  // What is drawn around a token's place is no place of its own.
  const places = ids.map((id) => registry.get(inSight(canvas, id))).filter((element) => element !== undefined && !element.waypoints && !isOpen(element)) as Box[];
  const view = firstView(inner, outer, places);
  if (view === null) fit(viewer);
  else canvas.viewbox(view);
}

/** Begin where the tokens are, as soon as they are known; then follow what is selected. */
function useFirstView(viewer: NavigatedViewer | null, places: readonly string[], selected: string | null): void {
  const begun = useRef<NavigatedViewer | null>(null);
  useEffect(() => {
    if (!viewer || begun.current === viewer || places.length === 0) return;
    begun.current = viewer;
    showPlaces(viewer, places);
  }, [viewer, places]);
  useEffect(() => {
    if (!viewer || selected === null || !viewer.get<Registry>('elementRegistry').get(selected)) return;
    viewer.get<Canvas>('canvas').scrollToElement(selected, 60);
  }, [viewer, selected]);
}

/** Draw the marks, and take back those that no longer hold. */
function useMarks(
  viewer: NavigatedViewer | null,
  marks: Readonly<Record<string, ElementMark>>,
  flows: readonly string[],
  selected: string | null,
  t: ReturnType<typeof useText>,
): void {
  const shape = JSON.stringify([marks, flows, selected]);
  useEffect(() => {
    if (!viewer) return;
    const [canvas, overlays, registry] = [viewer.get<Canvas>('canvas'), viewer.get<Overlays>('overlays'), viewer.get<Registry>('elementRegistry')];
    const drawn: [string, string][] = [];
    const mark = (id: string, marker: string) => {
      if (!registry.get(id)) return;
      canvas.addMarker(id, marker);
      drawn.push([id, marker]);
    };
    for (const id of flows) mark(id, 'll-passed');
    for (const [id, { state, count, incidents, heat }] of Object.entries(marks)) {
      const element = registry.get(id);
      if (!element) continue;
      // Its colour would lie over everything in it.
      if (isOpen(element)) mark(id, 'll-container');
      if (state) mark(id, `ll-${state}`);
      if (heat !== undefined) mark(id, `ll-heat-${heat}`);
      if (count) overlays.add(id, 'lendloom', { position: { bottom: 12, left: -10 }, scale: READABLE, html: badge(String(count), 'll-count') });
      if (incidents) {
        overlays.add(id, 'lendloom', {
          position: { top: -12, right: 12 },
          scale: READABLE,
          html: badge(`! ${incidents}`, 'll-incidents', t('diagram.incidents', { count: incidents })),
        });
      }
    }
    if (selected !== null) mark(selected, 'll-selected');
    return () => {
      for (const [id, marker] of drawn) if (registry.get(id)) canvas.removeMarker(id, marker);
      overlays.remove({ type: 'lendloom' });
    };
    // The marks are compared by what they say, not by their identity.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [viewer, shape]);
}

function badge(text: string, kind: string, title?: string): HTMLElement {
  const element = document.createElement('div');
  element.className = `ll-badge ${kind}`;
  element.textContent = text;
  if (title !== undefined) element.title = title;
  return element;
}

export type { DiagramElement };
