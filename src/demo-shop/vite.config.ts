import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** `npm run dev` beside a running server: pages from Vite, everything else from there. */
const server = 'http://localhost:5080';

export default defineConfig({
  plugins: [react()],
  // Pages have addresses of their own at the root; what they are made of lies here.
  base: '/shop/',
  // Nothing inside of the style sheet or the page: the server's policy admits only files of its own.
  build: { assetsInlineLimit: 0, target: 'es2022', modulePreload: { polyfill: false } },
  server: { proxy: { '^/(orders|sandbox|payment-links|health|docs|openapi)(/|$)': server } },
});
