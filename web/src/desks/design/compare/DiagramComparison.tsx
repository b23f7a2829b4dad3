/** Two versions of a process beside each other, moved and zoomed together, with what differs marked. */
import 'bpmn-js/dist/assets/bpmn-js.css';
import 'bpmn-js/dist/assets/diagram-js.css';
import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer';
import { useEffect, useRef, useState } from 'react';

import type { ResourceComparisonResult } from '../../../api/schema';
import { ProblemNotice } from '../../../ui/ProblemNotice';
import { useText } from '../strings';
import './DiagramComparison.css';
import styles from './Compare.module.css';
import { Legend } from './Legend';

interface Canvas {
  viewbox(box?: Box): Box & { inner: Box; outer: { width: number; height: number } };
  zoom(level?: number | 'fit-viewport', center?: 'auto'): number;
  getRootElement(): { id: string };
  addMarker(id: string, marker: string): void;
  removeMarker(id: string, marker: string): void;
  scrollToElement(element: object): void;
}
interface Registry {
  get(id: string): object | undefined;
}
interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

interface Props {
  before: { xml: string; label: string };
  after: { xml: string; label: string };
  /** What differs, as the server has found it. */
  comparison: ResourceComparisonResult;
  /** The element that is chosen in the list of differences. */
  selected: string | null;
}

export default function DiagramComparison({ before, after, comparison, selected }: Props) {
  const t = useText();
  const left = useRef<HTMLDivElement>(null);
  const right = useRef<HTMLDivElement>(null);
  const [viewers, setViewers] = useState<readonly [NavigatedViewer, NavigatedViewer] | null>(null);
  const [failure, setFailure] = useState<unknown>(null);

  useEffect(() => {
    const made = [new NavigatedViewer({ container: left.current! }), new NavigatedViewer({ container: right.current! })] as const;
    let gone = false;
    setFailure(null);
    Promise.all([made[0].importXML(before.xml), made[1].importXML(after.xml)])
      .then(() => {
        if (gone) return;
        mark(made, comparison);
        moveTogether(made);
        const canvas = made[0].get<Canvas>('canvas');
        canvas.zoom(Math.min(1, 0.94 * canvas.zoom('fit-viewport', 'auto')), 'auto');
        setViewers(made);
      })
      .catch((error: unknown) => !gone && setFailure(error));
    return () => {
      gone = true;
      setViewers(null);
      for (const viewer of made) viewer.destroy();
    };
  }, [before.xml, after.xml, comparison]);

  useEffect(() => {
    if (!viewers || selected === null) return;
    const shown = viewers.filter((viewer) => viewer.get<Registry>('elementRegistry').get(selected));
    for (const viewer of shown) viewer.get<Canvas>('canvas').addMarker(selected, 'll-diff-selected');
    const last = shown.at(-1);
    if (last) last.get<Canvas>('canvas').scrollToElement(last.get<Registry>('elementRegistry').get(selected)!);
    return () => {
      for (const viewer of shown) viewer.get<Canvas>('canvas').removeMarker(selected, 'll-diff-selected');
    };
  }, [viewers, selected]);

  return (
    <>
      {failure !== null && <ProblemNotice error={failure} title={t('compare.failed')} />}
      <div className={styles.pictures}>
        <figure>
          <figcaption>{before.label}</figcaption>
          <div ref={left} className={styles.picture} data-testid="diagram-before" role="group" aria-label={before.label} />
        </figure>
        <figure>
          <figcaption>{after.label}</figcaption>
          <div ref={right} className={styles.picture} data-testid="diagram-after" role="group" aria-label={after.label} />
        </figure>
      </div>
      <Legend onPaper />
    </>
  );
}

function mark([before, after]: readonly [NavigatedViewer, NavigatedViewer], { changes, movedPartIds }: ResourceComparisonResult): void {
  const put = (viewer: NavigatedViewer, ids: readonly string[], kind: string) => {
    const registry = viewer.get<Registry>('elementRegistry');
    const root = viewer.get<Canvas>('canvas').getRootElement().id;
    for (const id of ids) if (id !== root && registry.get(id)) viewer.get<Canvas>('canvas').addMarker(id, `ll-diff-${kind}`);
  };
  const of = (kind: string) => changes.filter(({ change }) => change === kind).map(({ partId }) => partId);
  for (const viewer of [before, after]) {
    put(viewer, movedPartIds, 'moved');
    put(viewer, of('changed'), 'changed');
  }
  put(before, of('removed'), 'removed');
  put(after, of('added'), 'added');
}

/** What one shows the other shows, too. */
function moveTogether(viewers: readonly [NavigatedViewer, NavigatedViewer]): void {
  let isFollowing = false;
  viewers.forEach((viewer, index) => {
    const other = viewers[1 - index]!;
    viewer.on('canvas.viewbox.changed', () => {
      if (isFollowing) return;
      isFollowing = true;
      const { x, y, width, height } = viewer.get<Canvas>('canvas').viewbox();
      other.get<Canvas>('canvas').viewbox({ x, y, width, height });
      isFollowing = false;
    });
  });
}
