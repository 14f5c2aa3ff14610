import { defineConfig } from 'vitest/config';

const all = 'tests/browser/**/*.test.ts';
/** Prints a figure, which must not be measured beside others. */
const alone = 'tests/browser/paying.test.ts';
const shared = { setupFiles: ['tests/browser/support/cleanUp.ts'], testTimeout: 120_000, hookTimeout: 120_000 };

/** The shop in Chromium, on running servers: the suite `page` of tests/run.sh. Two files at a time: one of them mostly waits. */
export default defineConfig({
  test: {
    projects: [
      { test: { ...shared, name: 'alone', include: [alone], maxWorkers: 1, sequence: { groupOrder: 0 } } },
      { test: { ...shared, name: 'beside', include: [all], exclude: [alone], maxWorkers: 2, sequence: { groupOrder: 1 } } },
    ],
  },
});
