/** A drawing in a window whose size changes: a pane is opened beside it, or folded away. */

interface Canvas {
  viewbox(): { x: number; y: number; width: number; outer: { width: number } };
  resized(): void;
}

/** Tell the canvas when it is wider or narrower, and show the whole again where nobody has looked closer. Gives the end of it. */
export function keepFitted<Drawn extends Canvas>(container: HTMLElement, canvas: Drawn, fit: (canvas: Drawn) => void): () => void {
  const shown = () => {
    const { x, y, width, outer } = canvas.viewbox();
    return { x, y, scale: outer.width / width };
  };
  fit(canvas);
  let fitted = shown();
  const observer = new ResizeObserver(() => {
    const now = shown();
    canvas.resized();
    if (now.x !== fitted.x || now.y !== fitted.y || Math.abs(now.scale - fitted.scale) > 0.001) return;
    fit(canvas);
    fitted = shown();
  });
  observer.observe(container);
  return () => observer.disconnect();
}
