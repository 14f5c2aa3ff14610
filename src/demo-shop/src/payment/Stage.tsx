import { detailFor, type OrderStatus, type OrderView, type Phase } from 'longpoll-react';
import { useEffect, useRef, useState } from 'react';
import { money, minutes } from '../shop/format.js';
import { Confetti } from './Confetti.js';
import { Dial } from './Dial.js';
import { useNow } from './useNow.js';
import type { Words } from './words.js';

/** From here on the page says that it takes long. */
const SLOW = 45_000;

interface StageProps {
  payment: OrderStatus;
  words: Words;
  /** Only who made the order may try again. */
  mayTryAgain: boolean;
}

/** The one thing to look at: where the payment stands, and what the buyer does now. */
export function Stage({ payment, words, mayTryAgain }: StageProps) {
  const { status, hasTimedOut, error, isLoading, refetch, connection } = payment;
  const open = status !== null && !status.settled && !hasTimedOut;
  const now = useNow(open);
  // The prompt went out when the view last changed; a clock that is wrong by minutes must not show.
  const waited = status ? Math.max(0, now - Date.parse(status.updatedAt)) : 0;
  const phase = phaseOf(status, hasTimedOut, Boolean(error), open && waited >= SLOW);
  const { texts } = words;
  const amount = status ? money(status.totalAmount, status.currency) : '';

  const title = useRef<HTMLHeadingElement>(null);
  const settled = status?.settled ?? false;
  useEffect(() => {
    // Also for who is looking at another tab.
    document.title = `${phase === 'paid' ? '🎉 ' : ''}${texts.titles[phase]} · LongPoll Shop`;
  }, [phase, texts]);

  return (
    <section className="stage" data-phase={phase} aria-labelledby="stage-title">
      {phase === 'paid' && <Confetti />}
      <Dial phase={phase} left={status ? leftOf(status, now) : 1} />
      <div role="status" aria-atomic="true">
        <h1 id="stage-title" ref={title} tabIndex={-1}>
          {texts.titles[phase]}
        </h1>
        <p className="lead">{phase === 'paid' && status ? words.mailGoesTo(status.customer.email) : detailFor(texts, phase, status?.reason)}</p>
      </div>

      {connection === 'retrying' && (
        <p className="note" role="status">
          {texts.retrying}
        </p>
      )}
      {open && (
        <>
          <p className="clocks">
            <span>{words.leftToPay(minutes(leftOf(status, now) * lifetime(status)))}</span> <span>{words.waitingFor(minutes(waited))}</span>
          </p>
          {status.checkoutUrl ? (
            <a className="main-button" href={status.checkoutUrl}>
              {texts.payHere}
            </a>
          ) : (
            <ol className="steps">
              {words.steps(amount).map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          )}
          <p className="quiet">{phase === 'slow' ? words.nothingOnPhone : words.usual}</p>
        </>
      )}
      {settled && status?.paymentStatus !== 'completed' && !status?.safeToRetry && <p className="note">{texts.notSafeYet}</p>}

      <div className="actions">
        {(phase === 'slow' || phase === 'timedOut' || phase === 'unknown') && (
          <button type="button" className="second-button" aria-disabled={isLoading} onClick={() => void refetch()}>
            {isLoading ? texts.refreshing : texts.refresh}
          </button>
        )}
        {mayTryAgain && settled && status?.safeToRetry && <TryAgain payment={payment} words={words} done={() => title.current?.focus()} />}
      </div>
    </section>
  );
}

function TryAgain({ payment, words, done }: { payment: OrderStatus; words: Words; done: () => void }) {
  const [refused, setRefused] = useState<number | null>(null);
  const { texts } = words;

  async function again() {
    if (payment.isLoading) return;
    setRefused(null);
    try {
      await payment.tryAgain();
      // This button goes away with the focus in it.
      done();
    } catch (error) {
      setRefused((error as { status?: number }).status ?? 0);
    }
  }

  return (
    <>
      <button type="button" className="main-button" aria-disabled={payment.isLoading} onClick={() => void again()}>
        {payment.isLoading ? texts.tryingAgain : texts.tryAgain}
      </button>
      <p role="alert">{refused === null ? '' : refused === 429 ? texts.tooManyTries : texts.notNow}</p>
    </>
  );
}

function phaseOf(status: OrderView | null, hasTimedOut: boolean, refused: boolean, slow: boolean): Phase {
  if (!status) return refused ? 'unknown' : 'loading';
  if (status.paymentStatus === 'completed') return 'paid';
  if (status.settled) return status.paymentStatus as Phase;
  if (hasTimedOut) return 'timedOut';
  if (slow) return 'slow';
  return status.paymentStatus === 'pending' ? 'starting' : 'waiting';
}

function lifetime(order: OrderView): number {
  return Date.parse(order.expiresAt) - Date.parse(order.createdAt);
}

/** What is left of the time to pay, 0 to 1. */
function leftOf(order: OrderView, now: number): number {
  return Math.min(1, Math.max(0, (Date.parse(order.expiresAt) - now) / lifetime(order)));
}
