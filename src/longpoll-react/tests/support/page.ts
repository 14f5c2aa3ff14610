import { act, cleanup } from '@testing-library/react';
import { afterEach } from 'vitest';
import { pass, givenFakeClock } from './clock.js';

/** A fake clock for components, which are unmounted behind each test. */
export function givenPage(): void {
  givenFakeClock();
  // Registered later than the clock's, it runs before it.
  afterEach(cleanup);
}

/** Lets so many milliseconds pass on the page. */
export async function passOnPage(ms: number): Promise<void> {
  await act(() => pass(ms));
}
