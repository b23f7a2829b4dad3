/**
 * Sessions: an access cookie that lives for minutes, and a refresh cookie that renews it.
 *
 * `sessionFetch` sends a request; where the session has ended it renews it, and where that fails it waits until
 * somebody has signed in again (the shell shows the dialog), and sends the request once more. So nothing that
 * was typed is lost, and no page has to know.
 */
import { accessCsrf, refreshCsrf } from './cookies';
import { quoteLongNumbers } from './exactJson';
import { Problem } from './problem';

type Listener = () => void;

let expired = false;
let waiting: ((signedIn: boolean) => void)[] = [];
let renewing: Promise<boolean> | null = null;
const listeners = new Set<Listener>();

/** Whether requests wait for somebody to sign in again. */
export const sessionHasExpired = () => expired;

export function onSessionChange(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Signed in again: everything that waited is sent. */
export function sessionRestored(): void {
  settle(true);
}

/** Nobody will sign in: everything that waited fails. */
export function sessionAbandoned(): void {
  settle(false);
}

/** Continue the session with its refresh cookie; several that ask at once share one request. */
export function renewSession(): Promise<boolean> {
  renewing ??= renewOnce().finally(() => {
    renewing = null;
  });
  return renewing;
}

export async function sessionFetch(request: Request): Promise<Response> {
  const again = request.clone();
  let response = await send(request);
  if (response.status === 401 && !request.url.endsWith('/v2/session')) {
    const mayRepeat = (await renewSession()) || (await signedInAgain());
    if (mayRepeat) response = await send(again);
  }
  return exact(response);
}

async function send(request: Request): Promise<Response> {
  const csrf = accessCsrf();
  if (csrf !== undefined && request.method !== 'GET') request.headers.set('X-CSRF-TOKEN', csrf);
  try {
    return await fetch(request);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Problem({ status: 0, code: 'web.unreachable' });
  }
}

async function renewOnce(): Promise<boolean> {
  const csrf = refreshCsrf();
  if (csrf === undefined) return false;
  try {
    const headers = { 'X-CSRF-TOKEN': csrf };
    return (await fetch('/v2/session/renewal', { method: 'POST', headers })).ok;
  } catch {
    return false;
  }
}

function signedInAgain(): Promise<boolean> {
  expired = true;
  tell();
  return new Promise((resolve) => waiting.push(resolve));
}

function settle(signedIn: boolean): void {
  const resolves = waiting;
  waiting = [];
  expired = false;
  tell();
  for (const resolve of resolves) resolve(signedIn);
}

function tell(): void {
  for (const listener of listeners) listener();
}

async function exact(response: Response): Promise<Response> {
  if (!response.headers.get('Content-Type')?.startsWith('application/json')) return response;
  const text = await response.text();
  return new Response(quoteLongNumbers(text), response);
}
