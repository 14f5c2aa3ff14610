import type { OrderView, Until } from './orderView.js';
import type { Connection } from './request.js';

/**
 * How the page gets its news. `idle`: not waiting. `connecting`: nothing known yet. `waiting`: one request is parked.
 * `polling`: long requests do not get through here, short ones do. `retrying`: nothing gets through right now; that
 * says nothing about the payment.
 */
export type ConnectionState = 'idle' | 'connecting' | 'waiting' | 'polling' | 'retrying';

/** How to wait. All times are milliseconds. */
export interface WaitOptions extends Connection {
  /** Ends the wait: its promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** What to wait for. Default `settled`. */
  until?: Until;
  /** The patience, counted in time from the start. Default 15 minutes. */
  timeout?: number;
  /** What is known already, for example the answer of `POST /orders`. Saves the first read. */
  initial?: OrderView | null;
  /** How long the server is asked to hold one request, 1 to 120 s. Default 60 s. */
  hold?: number;
  /** Between one parked request and the next. Default none. */
  pause?: number;
  /** At most so many parked requests (polls, with `poll`). Default as many as the patience allows. */
  attempts?: number;
  /** Polls from the start instead of parking requests. Default false: polling is the fallback. */
  poll?: boolean;
  /** Between two polls, while all is well; doubles on errors up to 30 s. Default 3 s. */
  pollInterval?: number;
  /** Every view that is newer than the one before, in order. */
  onUpdate?: (order: OrderView) => void;
  onConnection?: (state: ConnectionState) => void;
}

/** How a wait ended. Patience that is over says nothing about the payment: money may still arrive. */
export type WaitOutcome = { timedOut: false; order: OrderView } | { timedOut: true; order: OrderView | null };

/** The values of the options that are left out. */
export const defaults = {
  timeout: 15 * 60_000,
  hold: 60_000,
  pause: 0,
  attempts: Infinity,
  pollInterval: 3000,
} as const;

/** Without what is undefined: who passes an option on that was not given has left it out. */
export function given<Options extends object>(options: Options): Options {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Options;
}

/** A page that wakes up gets this much time, in milliseconds, even if its patience ended while it slept. */
export const GRACE = 10_000;
