import { useState } from 'react';
import type { OrderView } from '../../engine/orderView.js';
import { RefusedError } from '../../engine/request.js';
import { detailFor, textsFor, type Phase, type Texts } from '../texts/texts.js';
import { useOrderStatus, type UseOrderStatusOptions } from '../useOrderStatus.js';
import { RefreshButton, StatusPanel, TryAgainButton, type MonitorLook } from './StatusPanel.js';
import { useElapsed } from './useElapsed.js';

export interface OrderMonitorProps extends MonitorLook, UseOrderStatusOptions {
  orderId: string;
}

/** Waiting this many seconds is called long. */
const SLOW = 60;

/** The phase that an order is in by itself; patience and errors are the page's. */
export function phaseOf({ paymentStatus }: OrderView): Phase {
  if (paymentStatus === 'completed') return 'paid';
  if (paymentStatus === 'pending') return 'starting';
  return paymentStatus === 'processing' ? 'waiting' : paymentStatus;
}

/** The status of an order, kept up to date; Try again where that is safe. */
export function OrderMonitor(props: OrderMonitorProps) {
  const { orderId, accessToken, locale = 'en', texts: changes } = props;
  const { status, isLoading, hasTimedOut, refetch, connection, error, tryAgain } = useOrderStatus(orderId, props);

  const [refused, setRefused] = useState<number | null>(null);
  const again = async () => {
    setRefused(null);
    try {
      await tryAgain();
    } catch (error) {
      setRefused(error instanceof RefusedError ? error.status : 0);
    }
  };

  const open = status !== null && !status.settled && !hasTimedOut && !error;
  const ticketsPending = status?.paymentStatus === 'completed' && status.fulfilment === 'pending';
  const elapsed = useElapsed(open);
  const ticketsElapsed = useElapsed(ticketsPending);

  let phase: Phase = status ? phaseOf(status) : 'loading';
  if (open && elapsed >= SLOW) phase = 'slow';
  if (hasTimedOut && !status?.settled) phase = 'timedOut';
  if (error && !status) phase = 'unknown';

  const texts = textsFor(locale, changes);
  const canTryAgain = status?.settled && status.safeToRetry && accessToken !== undefined;
  return (
    <StatusPanel
      {...props}
      phase={phase}
      detail={detailFor(texts, phase, status?.reason)}
      notes={status ? notesFor(status, texts, ticketsElapsed >= SLOW) : []}
      connection={connection}
      elapsed={open ? elapsed : undefined}
    >
      {open && status.checkoutUrl && (
        <a className="lp-action" data-main="" href={status.checkoutUrl}>
          {texts.payHere}
        </a>
      )}
      {(phase === 'timedOut' || phase === 'slow') && <RefreshButton texts={texts} busy={isLoading} act={refetch} />}
      {canTryAgain && <TryAgainButton texts={texts} busy={isLoading} act={again} />}
      {canTryAgain && refused !== null && <p role="alert">{refused === 429 ? texts.tooManyTries : texts.notNow}</p>}
    </StatusPanel>
  );
}

function notesFor(order: OrderView, texts: Texts, ticketsAreSlow: boolean): (string | null)[] {
  if (order.paymentStatus !== 'completed') {
    return [order.settled && !order.safeToRetry && order.reason !== 'under_review' ? texts.notSafeYet : null];
  }
  const { tickets } = texts;
  const incomplete = order.fulfilment === 'partial' || order.fulfilment === 'failed';
  return [
    order.receipt ? `${texts.receipt}: ${order.receipt}` : null,
    incomplete ? tickets.incomplete : order.fulfilment !== 'pending' ? null : ticketsAreSlow ? tickets.slow : tickets.pending,
  ];
}
