/// <reference types="vite/client" />
import { describe, expect, it } from 'vitest';

const sources = import.meta.glob<string>('../src/**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true });
const tests = import.meta.glob<string>('./**/*.{ts,tsx}', { query: '?raw', import: 'default', eager: true });

/** The rows of the acceptance table about hook, component and client that are this package's to show. */
const rows = [112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 128, 130, 131, 132, 133, 134, 135, 136, 138, 141];

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
    const long = Object.entries({ ...sources, ...tests }).filter(([path, text]) => text.split('\n').length > (path.startsWith('./') ? 260 : 220));
    expect(long.map(([path]) => path)).toEqual([]);
  });
});
