import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [react()],
  test: {
    environment: 'jsdom',
    silent: 'passed-only',
    restoreMocks: true,
    unstubGlobals: true,
    include: ['tests/**/*.test.{ts,tsx}'],
    // Those need running servers: the suite `page`.
    exclude: ['tests/browser/**'],
  },
});
