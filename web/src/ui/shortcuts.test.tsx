// @vitest-environment happy-dom
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';

import { useShortcuts } from './shortcuts';

const pressed = vi.fn();

function Page({ dialog = false }) {
  const keys = ['j', 'Enter', 'ArrowDown', 'Control+Enter'];
  useShortcuts(Object.fromEntries(keys.map((key) => [key, () => pressed(key)])));
  return (
    <>
      <button type="button">打开</button>
      <input aria-label="查找" />
      <input type="checkbox" aria-label="选择" />
      <input type="radio" aria-label="方式" />
      <ul role="menu">
        <li role="menuitem" tabIndex={-1}>
          取消
        </li>
      </ul>
      {dialog && <div role="dialog" aria-modal="true" aria-label="确认" />}
    </>
  );
}

afterEach(() => {
  cleanup();
  pressed.mockReset();
});

const told = (target: Element, ...keys: string[]) => {
  pressed.mockReset();
  for (const key of keys) fireEvent.keyDown(target, { key });
  return pressed.mock.calls.flat();
};

it('keeps silent while somebody types, or chooses in a menu or among radio buttons', () => {
  render(<Page />);
  expect(told(screen.getByText('打开'), 'j', 'ArrowDown')).toEqual(['j', 'ArrowDown']);
  expect(told(screen.getByLabelText('选择'), 'j', 'ArrowDown')).toEqual(['j', 'ArrowDown']);
  expect(told(screen.getByLabelText('查找'), 'j', 'Enter')).toEqual([]);
  expect(told(screen.getByText('取消'), 'j', 'Enter', 'ArrowDown')).toEqual([]);
  expect(told(screen.getByLabelText('方式'), 'j', 'ArrowDown')).toEqual(['j']);
});

it('keeps silent behind a dialog, wherever the focus is', () => {
  render(<Page dialog />);
  const dialog = screen.getByRole('dialog');
  vi.spyOn(dialog, 'getClientRects').mockReturnValue([{}] as unknown as DOMRectList);
  expect(told(document.body, 'j', 'Enter')).toEqual([]);
  vi.restoreAllMocks();
  vi.spyOn(dialog, 'getClientRects').mockReturnValue([] as unknown as DOMRectList);
  expect(told(document.body, 'j')).toEqual(['j']);
});

it('leaves a key to who has answered it', () => {
  render(<Page />);
  const field = screen.getByLabelText('查找');
  field.addEventListener('keydown', (event) => event.preventDefault(), { once: true });
  fireEvent.keyDown(field, { key: 'Enter', ctrlKey: true });
  expect(pressed).not.toHaveBeenCalled();
  fireEvent.keyDown(field, { key: 'Enter', ctrlKey: true });
  expect(pressed).toHaveBeenCalledWith('Control+Enter');
});
