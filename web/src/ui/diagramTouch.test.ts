// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest';

import { followFingers } from './diagramTouch';

let container: HTMLElement;
let canvas: { level: number; moved: { dx: number; dy: number }; zoom(level?: number): number; scroll(by: { dx: number; dy: number }): void };

beforeEach(() => {
  container = document.createElement('div');
  canvas = {
    level: 1,
    moved: { dx: 0, dy: 0 },
    zoom(level) {
      this.level = level ?? this.level;
      return this.level;
    },
    scroll({ dx, dy }) {
      this.moved = { dx: this.moved.dx + dx, dy: this.moved.dy + dy };
    },
  };
});

function touch(event: string, pointerId: number, clientX: number, clientY: number, pointerType = 'touch'): void {
  container.dispatchEvent(Object.assign(new Event(event), { pointerId, clientX, clientY, pointerType }));
}

test('one finger moves the diagram sideways and leaves the page its own direction', () => {
  followFingers(container, canvas);
  touch('pointerdown', 1, 100, 100);
  touch('pointermove', 1, 60, 180);
  expect(canvas.moved).toEqual({ dx: -40, dy: 0 });
  touch('pointerup', 1, 60, 180);
  touch('pointermove', 1, 0, 0);
  expect(canvas.moved).toEqual({ dx: -40, dy: 0 });
});

test('two fingers enlarge it, within bounds, and move it', () => {
  followFingers(container, canvas);
  touch('pointerdown', 1, 100, 100);
  touch('pointerdown', 2, 200, 100);
  touch('pointermove', 2, 300, 100);
  expect(canvas.level).toBe(2);
  expect(canvas.moved).toEqual({ dx: 50, dy: 0 });
  touch('pointermove', 2, 9000, 100);
  expect(canvas.level).toBe(4);
});

test('a mouse is left to the viewer, and nothing is followed after the end', () => {
  const end = followFingers(container, canvas);
  touch('pointerdown', 1, 100, 100, 'mouse');
  touch('pointermove', 1, 0, 0, 'mouse');
  end();
  touch('pointerdown', 2, 100, 100);
  touch('pointermove', 2, 0, 0);
  expect(canvas).toMatchObject({ level: 1, moved: { dx: 0, dy: 0 } });
});
