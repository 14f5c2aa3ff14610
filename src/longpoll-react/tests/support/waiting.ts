import { afterEach, beforeEach } from 'vitest';
import type { ConnectionState, WaitOptions, WaitOutcome } from '../../src/engine/options.js';
import type { OrderView } from '../../src/engine/orderView.js';
import { waitForOrder } from '../../src/engine/waitForOrder.js';
import { givenFakeClock } from './clock.js';
import { order, ORDER } from './orders.js';
import { ScriptedServer } from './scriptedServer.js';

/** A wait as a page would start it, and everything that page was told. */
export interface Waiting {
  updates: OrderView[];
  states: ConnectionState[];
  outcome?: WaitOutcome;
  error?: unknown;
  leave: (reason?: unknown) => void;
}

/** Gives each test of a file a fake clock, a server and pages that are closed behind it. */
export function givenWaiting(): { server: ScriptedServer; wait: (options?: WaitOptions) => Waiting } {
  givenFakeClock();
  const world = { server: new ScriptedServer(), wait };
  let pages: Waiting[] = [];

  beforeEach(() => {
    world.server = new ScriptedServer();
    localStorage.clear();
  });
  afterEach(() => {
    for (const page of pages) page.leave();
    pages = [];
  });

  function wait(options: WaitOptions = {}): Waiting {
    const controller = new AbortController();
    const page: Waiting = { updates: [], states: [], leave: (reason) => controller.abort(reason) };
    pages.push(page);
    waitForOrder(ORDER, {
      fetch: world.server.fetch,
      signal: controller.signal,
      initial: order(),
      onUpdate: (view) => page.updates.push(view),
      onConnection: (state) => page.states.push(state),
      ...options,
    }).then(
      (outcome) => (page.outcome = outcome),
      (error: unknown) => (page.error = error),
    );
    return page;
  }
  return world;
}
