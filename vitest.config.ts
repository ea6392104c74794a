import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// The examples import the package by its name; here that is the source.
const source = (path: string): string => fileURLToPath(new URL(`src/${path}`, import.meta.url));

export default defineConfig({
  resolve: {
    alias: [
      { find: 'verve-referrals/http', replacement: source('http/index.ts') },
      { find: 'verve-referrals/server', replacement: source('server/index.ts') },
      { find: 'verve-referrals', replacement: source('index.ts') },
    ],
  },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/cluster.ts'],
    setupFiles: ['test/property-seed.ts'],
    // Real databases and real concurrency: slow is a matter of the machine, not of the code.
    testTimeout: 120_000,
    hookTimeout: 120_000,
    pool: 'forks',
    maxWorkers: 2,
  },
});
