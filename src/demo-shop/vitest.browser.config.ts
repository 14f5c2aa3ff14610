import { defineConfig } from 'vitest/config';

/** The shop in Chromium, on running servers: the suite `page` of tests/run.sh. */
export default defineConfig({
  test: {
    include: ['tests/browser/**/*.test.ts'],
    setupFiles: ['tests/browser/support/cleanUp.ts'],
    // A figure that is printed must not be measured beside another file's servers starting.
    fileParallelism: false,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
