/// <reference types="vite/client" />
import { describe, expect, it } from 'vitest';

const sources = import.meta.glob<string>('../src/**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true });
const tests = import.meta.glob<string>(['./**/*.{ts,tsx}', '../../demo-shop/tests/**/*.{ts,tsx}'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** The rows of the acceptance table about hook, component, client and pages; 139 and 140 are about the server's jobs. */
const rows = Array.from({ length: 141 - 112 + 1 }, (_, i) => 112 + i).filter((row) => row !== 139 && row !== 140);

describe('the house', () => {
  it('has a test that names each of its acceptance rows', () => {
    const named = Object.values(tests)
      .flatMap((text) => [...text.matchAll(/\(rows? ([\d, ]+)\)/g)])
      .flatMap(([, list]) => (list ?? '').split(',').map(Number));
    expect(rows.filter((row) => !named.includes(row))).toEqual([]);
  });

  it('keeps React out of the engine', () => {
    const engine = Object.entries(sources).filter(([path]) => path.startsWith('../src/engine/'));
    expect(engine.length).toBeGreaterThan(8);
    expect(engine.filter(([, text]) => /from '(react|\.\.\/)/.test(text)).map(([path]) => path)).toEqual([]);
  });

  it('has files that can be read in one sitting', () => {
    const long = Object.entries({ ...sources, ...tests }).filter(([path, text]) => text.split('\n').length > (path.includes('/src/') ? 220 : 260));
    expect(long.map(([path]) => path)).toEqual([]);
  });
});
