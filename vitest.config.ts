import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts', 'tests/**/*.test.tsx'],
    globalSetup: ['tests/support/server.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Files share what they have imported: nothing of ours keeps state between tests, each of which has its own database.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
