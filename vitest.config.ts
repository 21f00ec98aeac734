import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['core/**/*.test.ts', 'plugins/*/src/**/*.test.ts', 'host-app/server/**/*.test.ts', 'test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'plugins/*/src/ui/**', 'host-app/web/**'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Waiting ends when the condition holds; only a broken one waits this long.
    expect: { poll: { timeout: 30_000 } },
    env: { TCP_NODELAY: '1' },
  },
});
