/**
 * Live updates: the server tells what has happened (`/v2/event-stream`, server-sent events, each named by its
 * topic), and whatever shows it is fetched anew. While there is no stream, everything that is shown is asked for
 * again every half minute.
 */
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { sessionHasExpired } from './session';

/** Which paths below `/v2` show what a topic tells of. */
const SHOWN_BY: Readonly<Record<string, readonly string[]>> = {
  'user-task': ['user-tasks', 'notices'],
  'process-instance': ['process-instances', 'element-instances', 'variables', 'decision-instances', 'process-definitions', 'user-tasks', 'notices'],
  incident: ['incidents', 'process-instances', 'process-definitions', 'notices'],
  comment: ['comments', 'process-instances', 'user-tasks', 'notices'],
  job: ['jobs'],
  deployment: ['process-definitions', 'decision-definitions', 'decision-requirements', 'forms', 'deployments', 'resources'],
  draft: ['drafts', 'user-tasks'],
  'batch-operation': ['batch-operations', 'batch-operation-items'],
};

export interface LiveEvent {
  topic: string;
  /** What happened: `created`, `completed`, … */
  event: string;
  [key: string]: unknown;
}

const ADDRESS = '/v2/event-stream';
const POLL_MS = 30_000;
const SETTLE_MS = 400;
/** While much happens, what is shown is fetched anew in steps. */
const PAUSE_MS = 3_000;
const RETRY_MS = 15_000;
/** A browser has few connections to a server for all its pages; one that nobody looks at gives its stream back. */
const HIDDEN_MS = 5_000;

const listeners = new Set<(event: LiveEvent) => void>();

/** Be told of every event, such as for notices. */
export function onLiveEvent(listener: (event: LiveEvent) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Keep what is shown up to date, as long as the shell stands. */
export function useLiveUpdates(enabled: boolean): void {
  const cache = useQueryClient();
  useEffect(() => (enabled ? follow(cache) : undefined), [cache, enabled]);
}

/** Fetch anew what tells of these topics. */
export function refresh(cache: QueryClient, topics: Iterable<string>): void {
  refreshPaths(cache, new Set([...topics].flatMap((topic) => SHOWN_BY[topic] ?? [])));
}

/** Fetch anew what stands below these paths of `/v2`, such as `incidents`. */
export function refreshPaths(cache: QueryClient, paths: ReadonlySet<string>): void {
  void cache.invalidateQueries({
    predicate: ({ queryKey }) => typeof queryKey[1] === 'string' && paths.has(queryKey[1].split('/')[2] ?? ''),
  });
}

function follow(cache: QueryClient): () => void {
  const pending = new Set<string>();
  let settling: ReturnType<typeof setTimeout> | undefined;
  let retrying: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource | undefined;
  let hiding: ReturnType<typeof setTimeout> | undefined;
  let isOpen = false;
  let refreshedAt = -Infinity;
  /** The last event that was heard, to go on after it. */
  let lastId: string | null = null;

  const hear = (message: MessageEvent<string>) => {
    const event = JSON.parse(message.data) as LiveEvent;
    if (message.lastEventId) lastId = message.lastEventId;
    for (const listener of listeners) listener(event);
    pending.add(event.topic);
    // Several events of one command make one refresh, and so do hundreds of a batch.
    const soon = Math.max(SETTLE_MS, refreshedAt + PAUSE_MS - Date.now());
    settling ??= setTimeout(() => {
      settling = undefined;
      refreshedAt = Date.now();
      refresh(cache, pending);
      pending.clear();
    }, soon);
  };
  const open = () => {
    source = new EventSource(lastId === null ? ADDRESS : `${ADDRESS}?lastEventId=${encodeURIComponent(lastId)}`);
    source.onopen = () => {
      isOpen = true;
    };
    for (const topic of Object.keys(SHOWN_BY)) source.addEventListener(topic, hear);
    // Some events were missed.
    source.addEventListener('resync', () => void cache.invalidateQueries({ refetchType: 'active' }));
    source.onerror = () => {
      isOpen = false;
      // A refused stream is closed for good by the browser; a broken one comes back by itself.
      if (source?.readyState === EventSource.CLOSED) retrying = setTimeout(open, RETRY_MS);
    };
  };
  const poll = setInterval(() => {
    if (!isOpen && document.visibilityState === 'visible' && !sessionHasExpired()) {
      void cache.invalidateQueries({ refetchType: 'active' });
    }
  }, POLL_MS);
  const close = () => {
    source?.close();
    source = undefined;
    isOpen = false;
    clearTimeout(retrying);
  };
  const look = () => {
    clearTimeout(hiding);
    if (document.visibilityState === 'hidden') {
      hiding = setTimeout(close, HIDDEN_MS);
    } else if (source === undefined) {
      open();
      // Without an event to go on after, everything that was missed is in what is shown.
      if (lastId === null) void cache.invalidateQueries({ refetchType: 'active' });
    }
  };
  if (document.visibilityState === 'visible') open();
  document.addEventListener('visibilitychange', look);
  return () => {
    close();
    document.removeEventListener('visibilitychange', look);
    clearTimeout(hiding);
    clearTimeout(settling);
    clearInterval(poll);
  };
}
