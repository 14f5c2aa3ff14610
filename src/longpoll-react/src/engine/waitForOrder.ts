import { Course, type Pause } from './course.js';
import { holdLimit } from './holdLimit.js';
import { defaults, given, GRACE, type ConnectionState, type WaitOptions, type WaitOutcome } from './options.js';
import { asOrderView, isFinal, type OrderView } from './orderView.js';
import { ask, park } from './orders.js';
import { watchPage } from './pageLife.js';
import { joinTabs, type Tabs } from './tabs.js';
import { takeTurns, type Turns } from './turns.js';

/** A follower whose patience ends trusts what it heard this recently, in milliseconds; else it asks itself once more. */
const FRESH = 30_000;

/** What the leading tab tells the others. */
interface News {
  view: OrderView | null;
  connection: ConnectionState;
}

/**
 * Waits until an order is settled (or fulfilled), over one parked request at a time and one for all tabs.
 * A network that fails, a proxy that cuts and a server that restarts only delay the answer.
 * @returns How it ended. Rejects with the reason of `options.signal` when that aborts.
 * @throws {RefusedError} The order is unknown, or its access token is missing or wrong.
 */
export function waitForOrder(orderId: string, options: WaitOptions = {}): Promise<WaitOutcome> {
  return new Promise((resolve, reject) => new Wait(orderId, options, resolve, reject).start());
}

class Wait {
  private readonly until;
  private readonly attempts;
  private readonly planned: number;
  private readonly course: Course;
  private readonly name: string;
  private newest: OrderView | null;
  private connection: ConnectionState = 'idle';
  private deadline: number;
  private heardAt = 0;
  private asked = 0;
  private over = false;
  private tabs: Tabs<News> | null = null;
  private turns: Turns | null = null;
  private patience: ReturnType<typeof setTimeout> | undefined;
  private unwatch = () => {};

  constructor(
    private readonly orderId: string,
    private readonly options: WaitOptions,
    private readonly resolve: (outcome: WaitOutcome) => void,
    private readonly reject: (reason: unknown) => void,
  ) {
    const { timeout, hold, pause, attempts, pollInterval } = { ...defaults, ...given(options) };
    const here = typeof location === 'undefined' ? 'http://localhost' : location.href;
    const url = new URL(`${options.baseUrl ?? ''}/orders/${orderId}`, here);
    this.name = `longpoll:${url.href}`;
    this.course = new Course({ hold, pause, pollInterval, poll: options.poll ?? false, limit: holdLimit(url.origin) });
    this.until = options.until ?? 'settled';
    this.attempts = attempts;
    this.planned = Number.isFinite(attempts) ? attempts : Math.ceil(timeout / hold);
    this.newest = options.initial ?? null;
    this.deadline = Date.now() + timeout;
  }

  start(): void {
    const { signal } = this.options;
    if (signal?.aborted) return this.abort();
    signal?.addEventListener('abort', this.abort);
    if (this.newest && isFinal(this.newest, this.until)) return this.finish(false);

    this.setConnection('connecting');
    this.join();
    this.unwatch = watchPage({
      sleep: () => {
        this.tabs?.leave();
        this.tabs = null;
      },
      wake: () => {
        this.deadline = Math.max(this.deadline, Date.now() + GRACE);
        this.askAfresh();
        if (!this.tabs) this.join();
        if (document.visibilityState === 'visible') this.tabs?.takeOver();
      },
      online: () => this.askAfresh(),
    });
    this.checkPatience();
  }

  private askAfresh(): void {
    this.course.doubt();
    this.turns?.wake();
  }

  private join(): void {
    this.tabs = joinTabs<News>(this.name, {
      lead: (signal) => this.lead(signal),
      hear: ({ view, connection }) => {
        this.heardAt = Date.now();
        this.setConnection(connection);
        this.take(asOrderView(view, this.orderId));
        if (this.newest && isFinal(this.newest, this.until)) this.finish(false);
      },
      latest: () => ({ view: this.newest, connection: this.connection }),
    });
  }

  private async lead(signal: AbortSignal): Promise<void> {
    const turns = takeTurns((round) => this.turn(round), signal);
    this.turns = turns;
    try {
      await turns.done;
    } catch (refusal) {
      this.finish(false, refusal);
    }
    // Put away and back again within a moment, the page leads anew before the old turns have ended.
    if (this.turns === turns) this.turns = null;
  }

  /** One request. Null when there is nothing more to ask. */
  private async turn(signal: AbortSignal): Promise<Pause | null> {
    const { orderId, options, course, newest } = this;
    if (this.left() <= 0) {
      this.finish(true);
      return null;
    }

    const step = course.next(newest !== null);
    const counts = step.ask === 'wait' ? !step.probe : options.poll === true;
    if (counts) this.asked++;
    if (step.ask === 'wait' && counts) {
      console.debug(`Long polling attempt ${this.asked}/${this.planned} - Waiting for payment...`);
    }
    this.setConnection(this.newest || course.state === 'retrying' ? course.state : 'connecting');

    const answer =
      step.ask === 'wait' && newest
        ? await park(orderId, options, signal, Math.min(step.hold, this.left()), newest.version)
        : await ask(orderId, options, signal);
    if (!answer) {
      // The page slept or woke: this was no attempt.
      if (counts) this.asked--;
      return null;
    }

    const { pause, atLeast } =
      'body' in answer
        ? course.answered(step, this.take(answer.body), answer.took)
        : course.failed(step, answer.failure);
    this.setConnection(this.newest || course.state === 'retrying' ? course.state : 'connecting');

    const final = this.newest !== null && isFinal(this.newest, this.until);
    if (final || this.left() <= 0 || this.asked >= this.attempts) {
      this.finish(!final);
      return null;
    }
    return { pause: Math.min(pause, this.left()), atLeast: Math.min(atLeast, this.left()) };
  }

  /** Keeps a view that is newer than the one known, and passes it on. */
  private take(view: OrderView | null): boolean {
    if (this.over || !view || (this.newest && view.version <= this.newest.version)) return false;
    const first = view.settled && !this.newest?.settled;
    this.newest = view;
    const { paymentStatus, version } = view;
    console.debug(`Order status received: ${JSON.stringify({ paymentStatus, version })}`);
    if (first) console.debug(`Payment status resolved! Final status: ${paymentStatus}`);
    this.tell();
    this.options.onUpdate?.(view);
    return true;
  }

  private setConnection(state: ConnectionState): void {
    if (this.over || state === this.connection) return;
    this.connection = state;
    this.tell();
    this.options.onConnection?.(state);
  }

  private tell(): void {
    this.tabs?.tell({ view: this.newest, connection: this.connection });
  }

  private left(): number {
    return this.deadline - Date.now();
  }

  // Who leads looks at the clock between its requests; this is for those who listen, or sleep.
  private checkPatience = (): void => {
    if (this.left() <= 0 && !this.turns && this.tabs) {
      if (Date.now() - this.heardAt < FRESH) return this.finish(true);
      this.deadline = Date.now() + GRACE;
      this.tabs.takeOver();
    }
    this.patience = setTimeout(this.checkPatience, Math.max(1000, this.left()));
  };

  private abort = (): void => {
    this.tabs?.leave();
    this.finish(false, this.options.signal?.reason);
  };

  private finish(timedOut: boolean, refusal?: unknown): void {
    if (this.over) return;
    this.over = true;
    // Its own affair: the other tabs may wait for longer, or for more, and another one leads from now on.
    if (this.connection !== 'idle') this.options.onConnection?.('idle');
    clearTimeout(this.patience);
    this.unwatch();
    this.tabs?.finish();
    this.options.signal?.removeEventListener('abort', this.abort);
    if (refusal !== undefined) this.reject(refusal);
    else this.resolve({ timedOut, order: this.newest } as WaitOutcome);
  }
}
