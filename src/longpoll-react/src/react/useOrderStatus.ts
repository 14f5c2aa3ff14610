'use client';

import { useEffect, useMemo, useSyncExternalStore } from 'react';
import type { ConnectionState } from '../engine/options.js';
import type { OrderView } from '../engine/orderView.js';
import type { RefusedError } from '../engine/request.js';
import { OrderWatch, type OrderWatchOptions } from './orderWatch.js';
import { useNews } from './useNews.js';

/** How to wait for an order. All times are milliseconds. */
export interface UseOrderStatusOptions extends OrderWatchOptions {
  /** Wait only while this is true. Default true. */
  enabled?: boolean;
  /** What is known already, for example the answer of `POST /orders`. Saves the first read. */
  initialStatus?: OrderView | null;
  /** Called with every newer view of the order, but not with `initialStatus`. */
  onStatusChange?: (status: OrderView) => void;
  /** Called when patience is over and the payment is still open. Money may arrive all the same. */
  onTimeout?: () => void;
}

export interface OrderStatus {
  /** The newest view of the order; null until one is known. */
  status: OrderView | null;
  /** Nothing is known yet, or a refetch or another try is under way. */
  isLoading: boolean;
  /** Patience is over and the payment is still open. `refetch` begins anew. */
  hasTimedOut: boolean;
  /** Asks now; while the payment is open the server asks the provider. */
  refetch: () => Promise<void>;
  /** How the page gets its news. */
  connection: ConnectionState;
  /** The server said no: unknown order, missing access token. Network errors are never errors here. */
  error: RefusedError | null;
  /** Starts a new attempt, where `status.safeToRetry`; needs `accessToken`. Rejects with a RefusedError. */
  tryAgain: () => Promise<void>;
}

/** Waits for an order with one parked request, and renders anew whenever it changes. Without an id it does nothing. */
export function useOrderStatus(orderId: string | null | undefined, options: UseOrderStatusOptions = {}): OrderStatus {
  const { enabled = true, initialStatus = null, onStatusChange, onTimeout, ...waitOptions } = options;
  const { baseUrl, accessToken } = waitOptions;

  // eslint-disable-next-line react-hooks/exhaustive-deps -- one watch for one order at one server; what is known later is no start
  const watch = useMemo(() => new OrderWatch(orderId ?? null, initialStatus), [orderId, baseUrl]);
  useEffect(() => {
    watch.configure(waitOptions);
  });
  useEffect(() => (enabled ? watch.start() : undefined), [watch, enabled, accessToken]);

  const { store, refetch, tryAgain } = watch;
  const { status, isAsking, hasTimedOut, connection, error } = useSyncExternalStore(store.subscribe, store.get, store.get);
  useNews(status, onStatusChange, watch.initial);
  useNews(hasTimedOut || null, onTimeout, null);

  const isFirst = enabled && Boolean(orderId) && !status && !error && !hasTimedOut;
  return { status, isLoading: isAsking || isFirst, hasTimedOut, refetch, connection, error, tryAgain };
}
