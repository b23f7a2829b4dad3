// @vitest-environment happy-dom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render } from '@testing-library/react';
import { createElement } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { refresh, refreshPaths, useLiveUpdates } from './live';

it('fetches anew what a topic is shown by, and nothing else', () => {
  const cache = new QueryClient();
  const keys = [['post', '/v2/user-tasks/search', {}], ['get', '/v2/user-tasks/{key}', {}], ['post', '/v2/jobs/search', {}], ['me']];
  for (const key of keys) cache.setQueryData(key, 1);
  refresh(cache, ['user-task']);
  expect(keys.map((key) => cache.getQueryState(key)?.isInvalidated)).toEqual([true, true, false, false]);
  refreshPaths(cache, new Set(['jobs']));
  expect(keys.map((key) => cache.getQueryState(key)?.isInvalidated)).toEqual([true, true, true, false]);
});

describe('the stream of a page', () => {
  class Source extends EventTarget {
    static all: Source[] = [];
    static readonly CLOSED = 2;
    isOpen = true;
    readonly readyState = 1;
    constructor(readonly address: string) {
      super();
      Source.all.push(this);
    }
    close() {
      this.isOpen = false;
    }
  }
  const look = (visibility: DocumentVisibilityState) => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(visibility);
    document.dispatchEvent(new Event('visibilitychange'));
  };
  const open = () => Source.all.filter(({ isOpen }) => isOpen);
  const Page = () => {
    useLiveUpdates(true);
    return null;
  };
  const begin = () => {
    const cache = new QueryClient();
    render(createElement(QueryClientProvider, { client: cache }, createElement(Page)));
    return cache;
  };

  beforeEach(() => {
    vi.useFakeTimers();
    vi.stubGlobal('EventSource', Source);
    Source.all = [];
  });
  afterEach(() => {
    cleanup();
    vi.useRealTimers();
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it('is given back while nobody looks, and goes on after the last event when somebody does', () => {
    look('visible');
    begin();
    expect(open()).toHaveLength(1);
    open()[0]!.dispatchEvent(new MessageEvent('user-task', { data: '{"topic":"user-task","event":"created"}', lastEventId: '7-3' }));
    look('hidden');
    vi.advanceTimersByTime(1_000);
    expect(open()).toHaveLength(1);
    vi.advanceTimersByTime(10_000);
    expect(open()).toHaveLength(0);
    look('visible');
    expect(open().map(({ address }) => address)).toEqual(['/v2/event-stream?lastEventId=7-3']);
  });

  it('is not opened by a page in the background; what it shows is fetched anew when it comes to the front', () => {
    look('hidden');
    const cache = begin();
    const refetch = vi.spyOn(cache, 'invalidateQueries');
    vi.advanceTimersByTime(60_000);
    expect(open()).toHaveLength(0);
    look('visible');
    expect(open().map(({ address }) => address)).toEqual(['/v2/event-stream']);
    expect(refetch).toHaveBeenCalled();
  });

  it('fetches anew soon after an event, and in steps while many come', () => {
    look('visible');
    const cache = begin();
    const refetch = vi.spyOn(cache, 'invalidateQueries');
    const tell = () => open()[0]!.dispatchEvent(new MessageEvent('user-task', { data: '{"topic":"user-task","event":"created"}' }));
    tell();
    vi.advanceTimersByTime(500);
    expect(refetch).toHaveBeenCalledTimes(1);
    for (let n = 0; n < 100; n++) {
      tell();
      vi.advanceTimersByTime(60);
    }
    expect(refetch.mock.calls.length).toBeLessThanOrEqual(3);
    vi.advanceTimersByTime(3_000);
    const calls = refetch.mock.calls.length;
    vi.advanceTimersByTime(20_000);
    expect(refetch).toHaveBeenCalledTimes(calls);
  });

  it('stays one through a short look elsewhere', () => {
    look('visible');
    begin();
    look('hidden');
    vi.advanceTimersByTime(2_000);
    look('visible');
    vi.advanceTimersByTime(60_000);
    expect(Source.all).toHaveLength(1);
    expect(open()).toHaveLength(1);
  });
});
