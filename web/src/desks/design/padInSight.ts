/** What can be done with an element stands in a pad beside it; at the edge of the canvas, where it can be reached. */

interface Place {
  left: number;
  top: number;
}
interface Size {
  width: number;
  height: number;
}

/** What the button that folds the pane away takes of the canvas's edge. */
const EDGE = 28;
const GAP = 12;

/**
 * The place of a pad: as it would be, or at the other side of the element where it would be cut off, or over it where
 * that is cut off, too. All are pixels from the canvas's corner. A pad goes out of sight with its element.
 */
export function inSight(usual: Place, elementsLeft: number, pad: Size, canvas: Size): Place {
  const { width, height } = canvas;
  const top = usual.top > height ? usual.top : Math.max(Math.min(usual.top, height - pad.height), Math.min(usual.top, 0));
  if (usual.left + pad.width <= width - EDGE) return { left: usual.left, top };
  const before = elementsLeft - GAP - pad.width;
  return { left: before >= 0 ? before : Math.max(0, width - EDGE - pad.width), top };
}

interface ContextPad {
  _current: { html: HTMLElement } | null;
  _getPosition(target: unknown): Place;
  _getTargetBounds(target: unknown): { left: number };
}
interface Canvas {
  getContainer(): HTMLElement;
}

class PadInSight {
  static $inject = ['contextPad', 'canvas'];
  constructor(contextPad: ContextPad, canvas: Canvas) {
    const usual = contextPad._getPosition.bind(contextPad);
    contextPad._getPosition = (target) => {
      const pad = contextPad._current!.html;
      const container = canvas.getContainer();
      const elementsLeft = contextPad._getTargetBounds(target).left - container.getBoundingClientRect().left;
      return inSight(
        usual(target),
        elementsLeft,
        { width: pad.offsetWidth, height: pad.offsetHeight },
        { width: container.clientWidth, height: container.clientHeight },
      );
    };
  }
}

export const padInSight = { __init__: ['padInSight'], padInSight: ['type', PadInSight] };
