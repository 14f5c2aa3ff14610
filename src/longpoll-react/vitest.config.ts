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
    typecheck: { enabled: true, include: ['tests/**/*.test-d.{ts,tsx}'], tsconfig: 'tsconfig.json' },
  },
});
