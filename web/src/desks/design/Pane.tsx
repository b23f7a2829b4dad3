/** A panel at the side of an editor: as wide as it is drawn, folded away when it is in the way. Both are remembered. */
import { LeftOutlined, RightOutlined } from '@ant-design/icons';
import { useRef, useState, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';

import { usePreference } from '../../shell/preferences';
import styles from './Pane.module.css';
import { useText } from './strings';

interface Props {
  /** What its width and whether it is folded are remembered by. */
  name: string;
  /** What is in it. */
  label: string;
  /** The edge of the editor at which it stands. */
  at: 'start' | 'end';
  /** Pixels, until somebody draws it wider or narrower. */
  usual: number;
  /** Pixels; what there is beside it may press it down to this. */
  least: number;
  /** There is a button that folds it away. */
  folds?: boolean;
  /** Whether it is folded until somebody says otherwise. */
  foldedAtFirst?: boolean;
  /** There is nothing to show in it now. */
  hidden?: boolean;
  children: ReactNode;
}

const MOST = 720;
const STEP = 24;

export function Pane({ name, label, at, usual, least, folds = false, foldedAtFirst = false, hidden = false, children }: Props) {
  const t = useText();
  const [kept, keep] = usePreference(`design.${name}.width`, usual);
  const [isFolded, fold] = usePreference(`design.${name}.folded`, foldedAtFirst);
  const [drawn, draw] = useState<number | null>(null);
  const pane = useRef<HTMLDivElement>(null);
  const from = useRef<{ x: number; width: number } | null>(null);
  const folded = folds && isFolded;
  const width = drawn ?? kept;
  const within = (pixels: number) => Math.round(Math.min(MOST, Math.max(least, pixels)));
  const seen = () => pane.current!.getBoundingClientRect().width;
  // To the other side is narrower at one edge and wider at the other.
  const wider = at === 'end' ? -1 : 1;

  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    event.currentTarget.setPointerCapture(event.pointerId);
    from.current = { x: event.clientX, width: seen() };
  };
  const onPointerMove = ({ clientX }: PointerEvent) => {
    if (from.current) draw(within(from.current.width + wider * (clientX - from.current.x)));
  };
  const onPointerUp = () => {
    from.current = null;
    if (drawn !== null) keep(drawn);
    draw(null);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const asked = { ArrowLeft: seen() - wider * STEP, ArrowRight: seen() + wider * STEP, Home: least, End: MOST }[event.key];
    if (event.key === 'Enter' && folds) fold(true);
    else if (asked !== undefined) keep(within(asked));
    else return;
    event.preventDefault();
  };
  const says = t(folded ? 'pane.unfold' : 'pane.fold', { name: label });
  return (
    <div
      ref={pane}
      className={styles.pane}
      data-at={at}
      data-pane={name}
      data-folded={folded || undefined}
      hidden={hidden}
      style={{ ['--pane-width' as string]: `${width}px`, ['--pane-least' as string]: `${least}px` }}
    >
      {!folded && (
        // A separator that takes the focus is a control (ARIA 1.2), which this rule does not know.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
        <div
          role="separator"
          tabIndex={0}
          className={styles.edge}
          aria-orientation="vertical"
          aria-label={t('pane.width', { name: label })}
          aria-valuenow={width}
          aria-valuemin={least}
          aria-valuemax={MOST}
          onPointerDown={onPointerDown}
          onPointerMove={onPointerMove}
          onPointerUp={onPointerUp}
          onDoubleClick={() => keep(undefined)}
          onKeyDown={onKeyDown}
        />
      )}
      {folds && (
        <button type="button" className={styles.fold} aria-expanded={!folded} aria-label={says} title={says} onClick={() => fold(!folded)}>
          {folded === (at === 'end') ? <LeftOutlined /> : <RightOutlined />}
        </button>
      )}
      <div className={styles.content} hidden={folded}>
        {children}
      </div>
    </div>
  );
}
