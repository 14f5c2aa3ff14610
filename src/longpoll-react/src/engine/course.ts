import { fullJitter, pollPause } from './backoff.js';
import type { Failure } from './request.js';

/** What to ask next: a quick read, or a request that the server may hold for so many milliseconds. A probe is no attempt. */
export type Step = { ask: 'read' } | { ask: 'wait'; hold: number; probe: boolean };

/** How long to pause. `atLeast` is the server's word and holds even when the page wakes up. */
export interface Pause {
  pause: number;
  atLeast: number;
}

export interface CourseOptions {
  /** Milliseconds for which a request is parked, if nothing shortens it. */
  hold: number;
  /** Milliseconds between one parked request and the next. */
  pause: number;
  /** Milliseconds between two reads while polling. */
  pollInterval: number;
  /** Polls from the beginning and parks nothing. */
  poll: boolean;
  limit: { shorten: (hold: number) => number; cut: (after: number) => void };
}

/** So many waits that fail while reads succeed mean that long requests do not get through here. */
const CUTS_BEFORE_POLLING = 4;

/** After so many polls one short wait is tried: the network may be another by now. */
const POLLS_BEFORE_TRIAL = 20;
const TRIAL_HOLD = 10_000;

/** The hold of a probe: a connection that died in its sleep is found out soon, and not after a minute. */
const PROBE_HOLD = 5000;

/**
 * Decides what to ask and how long to pause; knows nothing of requests and clocks. Long polls are the rule. When
 * three have failed in a row a quick read tells whether the network is down, or only long requests are cut: then
 * short reads take over until a wait gets through again.
 */
export class Course {
  private failures = 0;
  private lost = 0;
  private cuts = 0;
  private polls = 0;
  private empty = 0;
  private readLast = false;
  private doubts = false;
  private polling: boolean;
  private hold: number;

  constructor(private readonly options: CourseOptions) {
    this.polling = options.poll;
    this.hold = options.hold;
  }

  /** What a page may say about the connection. One failure is no news, and a gateway that cuts is no interruption. */
  get state(): 'waiting' | 'polling' | 'retrying' {
    if (this.lost > 1) return 'retrying';
    return this.polling ? 'polling' : 'waiting';
  }

  /** The page has slept, or its network is another: connections that the browser keeps may be dead, and nobody says so. */
  doubt(): void {
    this.doubts = true;
  }

  /** `known`: is there a view already? Without one a read comes first, so that the page has something to show. */
  next(known: boolean): Step {
    const trial = this.polling && !this.options.poll && this.polls >= POLLS_BEFORE_TRIAL;
    const doubtful = this.cuts >= CUTS_BEFORE_POLLING - 1 && !this.readLast;
    const read = !known || (this.polling ? !trial : doubtful);
    if (read) return { ask: 'read' };
    const hold = trial ? TRIAL_HOLD : this.doubts ? Math.min(PROBE_HOLD, this.hold) : this.hold;
    return { ask: 'wait', hold: this.options.limit.shorten(hold), probe: this.doubts };
  }

  /** `news`: was the view newer than what was known? `took`: milliseconds until it came. */
  answered(step: Step, news: boolean, took: number): Pause {
    this.failures = 0;
    this.lost = 0;
    this.doubts = false;
    this.readLast = step.ask === 'read';
    if (step.ask === 'wait') {
      if (this.polling) this.hold = step.hold;
      this.polling = false;
      this.cuts = 0;
      // Whoever answers at once and has nothing to say must not be asked in a tight loop.
      this.empty = news || took > 1000 ? 0 : this.empty + 1;
      return { pause: this.empty > 0 ? fullJitter(this.empty + 1) : this.options.pause, atLeast: 0 };
    }

    this.polling ||= this.cuts >= CUTS_BEFORE_POLLING;
    if (this.polling) this.polls++;
    return { pause: this.polling ? this.options.pollInterval : 0, atLeast: 0 };
  }

  failed(step: Step, failure: Failure): Pause {
    this.failures++;
    this.lost = failure.why === 'cut' && failure.gateway ? 0 : this.lost + 1;
    this.readLast = step.ask === 'read';
    if (step.ask === 'wait') this.learn(step, failure);
    // Not even a read gets through: the network was down, and those cuts say nothing about long requests.
    else if (!this.polling) this.cuts = 0;

    const atLeast = (failure.why === 'unavailable' && failure.retryAfter) || 0;
    const pause = this.polling ? pollPause(this.options.pollInterval, this.failures) : fullJitter(this.failures);
    return { pause: Math.max(pause, atLeast), atLeast };
  }

  private learn({ hold, probe }: Step & { ask: 'wait' }, failure: Failure): void {
    this.polls = 0;
    // A server that is full or asks for a pause has been reached.
    if (failure.why === 'unavailable' && failure.retryAfter !== null) return;
    this.cuts++;
    if (failure.why === 'cut') this.options.limit.cut(failure.after);
    // Somewhere idle connections are dropped without a word, nobody knows when. Half the time is a better guess.
    if (failure.why === 'silence' && !probe) this.hold = Math.max(5000, hold / 2);
  }
}
