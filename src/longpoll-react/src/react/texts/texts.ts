import { given } from '../../engine/options.js';
import type { Reason } from '../../engine/orderView.js';
import { english } from './english.js';
import { swahili } from './swahili.js';

/** What a page can say about a payment. The last four are endings. */
export type Phase =
  | 'loading'
  | 'notOpen'
  | 'starting'
  | 'waiting'
  | 'slow'
  | 'timedOut'
  | 'unknown'
  | 'paid'
  | 'cancelled'
  | 'failed'
  | 'expired';

/** Every word of the monitor. */
export interface Texts {
  titles: Record<Phase, string>;
  details: Record<Phase, string>;
  /** In place of the detail, by the server's reason: while the payment is open … */
  open: Record<string, string>;
  /** … and when it has ended without money. */
  ended: Record<string, string>;
  /** It ended, but an earlier attempt can still be paid: no Try again yet. */
  notSafeYet: string;
  /** Paid, and the tickets are on their way; take long; could not all be made. */
  tickets: { pending: string; slow: string; incomplete: string };
  /** Nothing gets through right now. */
  retrying: string;
  /** `time` is minutes and seconds, as in 1:05. */
  elapsed: (time: string) => string;
  receipt: string;
  refresh: string;
  refreshing: string;
  tryAgain: string;
  tryingAgain: string;
  /** Try again was refused: too many payment requests to one phone; for another reason. */
  tooManyTries: string;
  notNow: string;
  /** Leads to the provider's own page. */
  payHere: string;
}

export type Locale = 'en' | 'sw';

type Part<T> = { [K in keyof T]?: T[K] extends (...args: never[]) => unknown ? T[K] : T[K] extends object ? Partial<T[K]> : T[K] };

/** Some words of your own; the others stay. */
export type TextChanges = Part<Texts>;

const languages: Record<Locale, Texts> = { en: english, sw: swahili };

/** The texts of a language, with your own words in place of some. Another language is a complete set of changes. */
export function textsFor(locale: Locale, changes: TextChanges = {}): Texts {
  const texts = languages[locale];
  return {
    ...texts,
    ...given(changes),
    titles: { ...texts.titles, ...given(changes.titles ?? {}) },
    details: { ...texts.details, ...given(changes.details ?? {}) },
    open: { ...texts.open, ...given(changes.open ?? {}) } as Texts['open'],
    ended: { ...texts.ended, ...given(changes.ended ?? {}) } as Texts['ended'],
    tickets: { ...texts.tickets, ...given(changes.tickets ?? {}) },
  };
}

/** The sentence below the title. A reason that these texts do not know leaves the phase's own sentence. */
export function detailFor(texts: Texts, phase: Phase, reason: Reason | null = null): string {
  const isOpen = phase === 'starting' || phase === 'waiting' || phase === 'slow';
  const hasEnded = phase === 'cancelled' || phase === 'failed' || phase === 'expired';
  const byReason = reason === null ? undefined : isOpen ? texts.open[reason] : hasEnded ? texts.ended[reason] : undefined;
  return byReason ?? texts.details[phase];
}
