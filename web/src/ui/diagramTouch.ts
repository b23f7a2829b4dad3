/**
 * Moving and enlarging a diagram with the fingers, which bpmn-js does not know of.
 *
 * One finger moves it sideways and leaves the other direction to the page, which must go on scrolling over it; two
 * fingers move and enlarge it (`touch-action: pan-y` on the container says so to the browser).
 */

interface Canvas {
  zoom(level?: number, center?: { x: number; y: number }): number;
  scroll(by: { dx: number; dy: number }): void;
}

interface Point {
  x: number;
  y: number;
}

const SMALLEST = 0.15;
const LARGEST = 4;

/** Follow the fingers on the container; gives what ends it. */
export function followFingers(container: HTMLElement, canvas: Canvas): () => void {
  const fingers = new Map<number, Point>();
  const down = ({ pointerId, pointerType, clientX: x, clientY: y }: PointerEvent) => {
    if (pointerType === 'touch') fingers.set(pointerId, { x, y });
  };
  const move = ({ pointerId, clientX: x, clientY: y }: PointerEvent) => {
    const from = fingers.get(pointerId);
    if (from === undefined) return;
    const before = [...fingers.values()];
    fingers.set(pointerId, { x, y });
    const after = [...fingers.values()];
    if (before.length === 1) return canvas.scroll({ dx: x - from.x, dy: 0 });
    const [one, other] = [middle(before), middle(after)];
    canvas.scroll({ dx: other.x - one.x, dy: other.y - one.y });
    const { left, top } = container.getBoundingClientRect();
    const level = canvas.zoom() * (spread(after) / spread(before));
    canvas.zoom(Math.max(SMALLEST, Math.min(LARGEST, level)), { x: other.x - left, y: other.y - top });
  };
  const up = ({ pointerId }: PointerEvent) => fingers.delete(pointerId);
  const listeners = { pointerdown: down, pointermove: move, pointerup: up, pointercancel: up } as const;
  for (const [event, listener] of Object.entries(listeners)) container.addEventListener(event, listener as EventListener);
  return () => {
    for (const [event, listener] of Object.entries(listeners)) container.removeEventListener(event, listener as EventListener);
  };
}

function middle([one, other]: Point[]): Point {
  return { x: (one!.x + other!.x) / 2, y: (one!.y + other!.y) / 2 };
}

function spread([one, other]: Point[]): number {
  return Math.max(1, Math.hypot(one!.x - other!.x, one!.y - other!.y));
}
