import { QueryClient } from '@tanstack/react-query';
import { expect, it } from 'vitest';

import { refresh, refreshPaths } from './live';

it('fetches anew what a topic is shown by, and nothing else', () => {
  const cache = new QueryClient();
  const keys = [['post', '/v2/user-tasks/search', {}], ['get', '/v2/user-tasks/{key}', {}], ['post', '/v2/jobs/search', {}], ['me']];
  for (const key of keys) cache.setQueryData(key, 1);
  refresh(cache, ['user-task']);
  expect(keys.map((key) => cache.getQueryState(key)?.isInvalidated)).toEqual([true, true, false, false]);
  refreshPaths(cache, new Set(['jobs']));
  expect(keys.map((key) => cache.getQueryState(key)?.isInvalidated)).toEqual([true, true, true, false]);
});
