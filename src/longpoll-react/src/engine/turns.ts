import type { Pause } from './course.js';
import { watchPage } from './pageLife.js';

/** Resolves after so many milliseconds, or as soon as `signal` aborts. */
export function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted || ms <= 0) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}

/** Asks that follow each other, one at a time. */
export interface Turns {
  /** Ends when a turn returned null, or `signal` aborted; rejects with what a turn throws. */
  done: Promise<void>;
  /** Ends the running request or pause; the next turn begins at once, or when the server has allowed it. */
  wake: () => void;
}

/** A request this young needs no replacement when the page wakes up. */
const YOUNG = 1000;

/** One request. Null when there is nothing more to ask; any value when its signal ended it early. */
export type Turn = (signal: AbortSignal) => Promise<Pause | null>;

/** Takes one turn after the other until a turn returns null. */
export function takeTurns(turn: Turn, signal: AbortSignal): Turns {
  let current = new AbortController();
  let began = 0;
  const end = () => current.abort();

  async function run(): Promise<void> {
    // A page that leaves at once (React mounts twice in development) never asks.
    await Promise.resolve();
    while (!signal.aborted) {
      const mine = (current = new AbortController());
      began = Date.now();
      const pause = await turn(mine.signal);
      if (mine.signal.aborted) continue;
      if (!pause) return;

      const allowed = Date.now() + pause.atLeast;
      began = 0;
      await sleep(pause.pause, mine.signal);
      // Woken from its pause, it still asks no earlier than the server said.
      await sleep(allowed - Date.now(), signal);
    }
  }

  signal.addEventListener('abort', end);
  return {
    done: run().finally(() => signal.removeEventListener('abort', end)),
    wake: () => {
      if (Date.now() - began >= YOUNG) end();
    },
  };
}

/** The same, with nothing open while the page is put away. `woken` is called before the first turn after that. */
export function takeTurnsAwake(turn: Turn, signal: AbortSignal, woken: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let awake: { turns: Turns; end: AbortController } | null = null;

    const sleep = () => {
      awake?.end.abort();
      awake = null;
    };
    const rise = () => {
      const end = new AbortController();
      const mine = (awake = { turns: takeTurns(turn, end.signal), end });
      mine.turns.done.then(() => mine === awake && finish(resolve), (reason: unknown) => finish(() => reject(reason)));
    };
    const wake = () => {
      woken();
      if (awake) awake.turns.wake();
      else rise();
    };
    const finish = (settle: () => void) => {
      sleep();
      unwatch();
      signal.removeEventListener('abort', aborted);
      settle();
    };
    const aborted = () => finish(resolve);

    const unwatch = watchPage({ sleep, wake, online: wake });
    signal.addEventListener('abort', aborted);
    if (signal.aborted) aborted();
    else rise();
  });
}
