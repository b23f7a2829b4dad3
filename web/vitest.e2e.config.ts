import { defineConfig } from 'vitest/config';

/** Browser tests, one after the other, against the server at LENDLOOM_URL; see tests/browser. */
export default defineConfig({
  test: {
    environment: 'node',
    include: ['e2e/**/*.e2e.ts'],
    fileParallelism: false,
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
