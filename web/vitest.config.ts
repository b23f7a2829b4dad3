import { defineConfig } from 'vitest/config';

/** What needs a document says so at its top: `@vitest-environment happy-dom`. */
export default defineConfig({
  test: { environment: 'node', include: ['src/**/*.test.{ts,tsx}', 'e2e/**/*.test.ts'], pool: 'threads', maxWorkers: 2 },
});
