'use client';

import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { ConnectionState } from '../engine/options.js';
import type { PaymentLinkStatus } from '../engine/paymentLinks.js';
import type { RefusedError } from '../engine/request.js';
import { LinkWatch, type LinkWatchOptions } from './linkWatch.js';
import { useNews } from './useNews.js';

/** How to poll a payment link. All times are milliseconds. */
export interface UsePaymentStatusPollingOptions extends LinkWatchOptions {
  /** The link. Without one nothing happens. */
  paymentLinkId: string | null | undefined;
  /** Poll only while this is true, for example from when the buyer has pressed Pay. Default true. */
  enabled?: boolean;
  /** Called with the first status and whenever `currentStatus` changes. */
  onStatusChange?: (status: PaymentLinkStatus) => void;
  /** Called when patience is over. That is the page's patience, not the link's expiry. */
  onTimeout?: () => void;
}

export interface PaymentStatusPolling {
  /** The newest status; null until one is known. */
  status: PaymentLinkStatus | null;
  /** Nothing is known yet, or a refetch is under way. */
  isLoading: boolean;
  /** Patience is over, polling has stopped. `refetch` begins anew. */
  hasTimedOut: boolean;
  /** Asks now. */
  refetch: () => Promise<void>;
  connection: ConnectionState;
  /** The server said no: there is no such link. Network errors are never errors here. */
  error: RefusedError | null;
}

/** Polls the status of a payment link until it is paid, expired or canceled, or patience is over. */
export function usePaymentStatusPolling(options: UsePaymentStatusPollingOptions): PaymentStatusPolling {
  const { paymentLinkId, enabled = true, onStatusChange, onTimeout, ...pollOptions } = options;
  const { baseUrl } = pollOptions;

  // eslint-disable-next-line react-hooks/exhaustive-deps -- the same path below another server is another link
  const watch = useMemo(() => new LinkWatch(paymentLinkId ?? null), [paymentLinkId, baseUrl]);
  useEffect(() => {
    watch.configure(pollOptions);
  });
  useEffect(() => (enabled ? watch.start() : undefined), [watch, enabled]);

  const { store, refetch } = watch;
  const { status, isAsking, hasTimedOut, connection, error } = useSyncExternalStore(store.subscribe, store.get, store.get);
  useNews(status?.currentStatus ?? null, () => status && onStatusChange?.(status), null);
  useNews(hasTimedOut || null, onTimeout, null);

  const isFirst = enabled && Boolean(paymentLinkId) && !status && !error && !hasTimedOut;
  return { status, isLoading: isAsking || isFirst, hasTimedOut, refetch, connection, error };
}
