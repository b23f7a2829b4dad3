/** What a person has chosen for this browser: language, theme, and whatever pages keep under a name. */
import { useCallback, useSyncExternalStore } from 'react';

const PREFIX = 'lendloom.';
const listeners = new Set<() => void>();
const parsed = new Map<string, { text: string | null; value: unknown }>();

/** What was kept under a name, or undefined. */
export function readPreference<Value>(name: string): Value | undefined {
  const text = localStorage.getItem(PREFIX + name);
  const known = parsed.get(name);
  if (known && known.text === text) return known.value as Value | undefined;
  let value: unknown;
  try {
    value = text === null ? undefined : JSON.parse(text);
  } catch {
    value = undefined;
  }
  parsed.set(name, { text, value });
  return value as Value | undefined;
}

/** Keep a value under a name; undefined forgets it. */
export function writePreference(name: string, value: unknown): void {
  if (value === undefined) localStorage.removeItem(PREFIX + name);
  else localStorage.setItem(PREFIX + name, JSON.stringify(value));
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('storage', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('storage', listener);
  };
}

/** A kept value and its setter; all tabs see a change. */
export function usePreference<Value>(name: string, fallback: Value): [Value, (value: Value | undefined) => void] {
  const value = useSyncExternalStore(subscribe, () => readPreference<Value>(name));
  const write = useCallback((next: Value | undefined) => writePreference(name, next), [name]);
  return [value ?? fallback, write];
}
