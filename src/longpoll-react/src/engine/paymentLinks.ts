import { pollPause } from './backoff.js';
import { defaults, GRACE, type ConnectionState } from './options.js';
import { request, type Answer, type Connection } from './request.js';
import { takeTurnsAwake } from './turns.js';

/** Where a payment link stands. The last three are final. */
export type LinkStatusName = 'DRAFT' | 'OPEN' | 'PAID' | 'EXPIRED' | 'CANCELED';

/** `data` of `GET /payment-links/{id}/status`. Instants are ISO 8601, UTC. */
export interface PaymentLinkStatus {
  id: string;
  shortCode: string;
  currentStatus: LinkStatusName;
  statusMessage: string;
  lastEventType: string;
  lastEventTimestamp: string;
  paymentMethod: string | null;
  transactionInfo: { transactionId: string; [more: string]: unknown } | null;
  expiresAt: string | null;
  isExpired: boolean;
  updatedAt: string;
}

/** How to poll a link. All times are milliseconds. */
export interface PollOptions extends Connection {
  signal?: AbortSignal;
  /** Between two polls, while all is well; on errors 2, 4, 8 times as much, up to 30 s. Default 3 s. */
  initialInterval?: number;
  /** The patience. Default 15 minutes. */
  timeout?: number;
  /** Every answer that says something new. */
  onUpdate?: (status: PaymentLinkStatus) => void;
  onConnection?: (state: ConnectionState) => void;
}

/** How polling ended. Patience that is over says nothing about the payment. */
export type PollOutcome =
  | { timedOut: false; status: PaymentLinkStatus }
  | { timedOut: true; status: PaymentLinkStatus | null };

const QUICK = 10_000;

/** Is this the end of the link? */
export function isFinalLink(status: LinkStatusName): boolean {
  return status === 'PAID' || status === 'EXPIRED' || status === 'CANCELED';
}

/**
 * Reads the status of a link once.
 * @returns The status; null when no answer came.
 * @throws {RefusedError} There is no such link.
 */
export async function checkPaymentLink(id: string, connection: Connection = {}): Promise<PaymentLinkStatus | null> {
  const answer = await ask(id, connection, new AbortController().signal);
  if (!answer || 'failure' in answer) return null;
  const { currentStatus, lastEventType, transactionInfo } = answer.body;
  console.debug(`Payment link: ${currentStatus}, ${lastEventType}, ${transactionInfo?.transactionId ?? 'no transaction'}`);
  return answer.body;
}

/**
 * Polls a payment link until it is paid, expired or canceled, or patience is over.
 * @returns How it ended. Rejects with the reason of `options.signal` when that aborts.
 * @throws {RefusedError} There is no such link.
 */
export async function pollPaymentLink(id: string, options: PollOptions = {}): Promise<PollOutcome> {
  const { onUpdate, onConnection } = options;
  const signal = options.signal ?? new AbortController().signal;
  const interval = options.initialInterval ?? defaults.pollInterval;
  const known: { status: PaymentLinkStatus | null } = { status: null };
  const isOver = () => known.status !== null && isFinalLink(known.status.currentStatus);
  let deadline = Date.now() + (options.timeout ?? defaults.timeout);
  let failures = 0;

  async function turn(round: AbortSignal) {
    if (Date.now() >= deadline) return null;
    const answer = await ask(id, options, round);
    if (!answer) return null;

    let atLeast = 0;
    if ('failure' in answer) {
      failures++;
      atLeast = (answer.failure.why === 'unavailable' && answer.failure.retryAfter) || 0;
    } else {
      failures = 0;
      if (isNews(answer.body, known.status)) onUpdate?.((known.status = answer.body));
      if (isOver()) return null;
    }
    // One failure is no news.
    if (failures !== 1) onConnection?.(failures ? 'retrying' : 'polling');
    const left = deadline - Date.now();
    const pause = Math.max(pollPause(interval, failures), atLeast);
    return { pause: Math.min(pause, left), atLeast: Math.min(atLeast, left) };
  }

  onConnection?.('connecting');
  try {
    await takeTurnsAwake(turn, signal, () => (deadline = Math.max(deadline, Date.now() + GRACE)));
  } finally {
    onConnection?.('idle');
  }
  signal.throwIfAborted();
  return { timedOut: !isOver(), status: known.status } as PollOutcome;
}

function isNews(status: PaymentLinkStatus, before: PaymentLinkStatus | null): boolean {
  if (!before) return true;
  // An answer from a node that lags behind does not take the page back.
  if (Date.parse(status.updatedAt) < Date.parse(before.updatedAt)) return false;
  return status.currentStatus !== before.currentStatus || status.updatedAt !== before.updatedAt || status.isExpired !== before.isExpired;
}

function ask(id: string, connection: Connection, signal: AbortSignal): Promise<Answer<PaymentLinkStatus> | null> {
  const { baseUrl, accessToken, fetch } = connection;
  return request({
    baseUrl,
    accessToken,
    fetch,
    signal,
    path: `/payment-links/${encodeURIComponent(id)}/status`,
    limit: QUICK,
    read: (body) => {
      const { data } = (body ?? {}) as { data?: PaymentLinkStatus };
      return typeof data?.currentStatus === 'string' ? data : null;
    },
  });
}
