/**
 * Live updates: the server tells which things have changed (`/v2/event-stream`, server-sent events
 * `{topic, keys}`), and whatever shows them is fetched anew. Where there is no stream, everything that is shown is
 * asked for again every half minute.
 */
import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { sessionHasExpired } from './session';

export interface LiveEvent {
  /** A kind of thing in the words of the API's paths: `user-tasks`, `process-instances`, `incidents`. */
  topic: string;
  keys: string[];
}

const ADDRESS = '/v2/event-stream';
const POLL_MS = 30_000;
const SETTLE_MS = 400;
const RETRY_MS = 15_000;

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

/** Fetch anew what queries below `/v2/<topic>` show. */
export function refresh(cache: QueryClient, topics: ReadonlySet<string>): void {
  void cache.invalidateQueries({
    predicate: ({ queryKey }) => {
      const path = typeof queryKey[1] === 'string' ? queryKey[1] : '';
      return topics.has(path.split('/')[2] ?? '');
    },
  });
}

function follow(cache: QueryClient): () => void {
  const pending = new Set<string>();
  let settling: ReturnType<typeof setTimeout> | undefined;
  let retrying: ReturnType<typeof setTimeout> | undefined;
  let source: EventSource | undefined;
  let isOpen = false;

  const hear = (message: MessageEvent<string>) => {
    const event = JSON.parse(message.data) as LiveEvent;
    for (const listener of listeners) listener(event);
    pending.add(event.topic);
    // Several events of one command make one refresh.
    settling ??= setTimeout(() => {
      settling = undefined;
      refresh(cache, pending);
      pending.clear();
    }, SETTLE_MS);
  };
  const open = () => {
    source = new EventSource(ADDRESS);
    source.onopen = () => {
      isOpen = true;
    };
    source.onmessage = hear;
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
  open();
  return () => {
    source?.close();
    clearTimeout(settling);
    clearTimeout(retrying);
    clearInterval(poll);
  };
}
