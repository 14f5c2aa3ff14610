import { asOrderView, type OrderView } from './orderView.js';
import { request, type Answer, type Connection } from './request.js';

/** How long a request that nobody holds may take, in milliseconds. */
const QUICK = 10_000;

/** Starting a payment and asking about one go on to the provider. */
const PROVIDER = 30_000;

/** How much longer than its hold a parked request may take: an answer at the last moment still has to travel. */
const TRAVEL = 5000;

/** `GET /orders/{id}`, for those who go on asking. */
export function ask(orderId: string, connection: Connection, signal: AbortSignal) {
  return send(orderId, connection, { path: '', limit: QUICK, signal });
}

/** `GET /orders/{id}/wait`: held for so many milliseconds, or until there is a newer version than this. */
export function park(orderId: string, connection: Connection, signal: AbortSignal, hold: number, version: number) {
  const seconds = Math.min(120, Math.max(1, Math.floor(hold / 1000)));
  const path = `/wait?timeout=${seconds}&since=${version}&until=change`;
  return send(orderId, connection, { path, limit: seconds * 1000 + TRAVEL, signal });
}

/**
 * Reads the order once.
 * @returns The view; null when no answer came.
 * @throws {RefusedError} The order is unknown, or its access token is missing or wrong.
 */
export function readOrder(orderId: string, connection: Connection = {}): Promise<OrderView | null> {
  return once(orderId, connection, { path: '', limit: QUICK });
}

/**
 * Lets the server ask the provider now: the fallback when no callback came.
 * @returns The view after the provider's answer; null when no answer came.
 * @throws {RefusedError} As {@link readOrder}.
 */
export function verifyOrder(orderId: string, connection: Connection = {}): Promise<OrderView | null> {
  return once(orderId, connection, { path: '/verify', limit: PROVIDER, post: true });
}

/**
 * Try again: starts a new payment attempt. Needs the access token.
 * @returns The view with the new attempt; null when no answer came. Then it may have begun all the same: read the order.
 * @throws {RefusedError} 409 while `safeToRetry` is false, 429 after too many payment requests to one phone.
 */
export function payAgain(orderId: string, connection: Connection): Promise<OrderView | null> {
  return once(orderId, connection, { path: '/pay', limit: PROVIDER, post: true });
}

interface Call {
  path: string;
  limit: number;
  post?: boolean;
  signal: AbortSignal;
}

async function once(orderId: string, connection: Connection, call: Omit<Call, 'signal'>): Promise<OrderView | null> {
  const answer = await send(orderId, connection, { ...call, signal: new AbortController().signal });
  return answer && 'body' in answer ? answer.body : null;
}

function send(orderId: string, connection: Connection, call: Call): Promise<Answer<OrderView> | null> {
  const { baseUrl, accessToken, fetch } = connection;
  return request({
    baseUrl,
    accessToken,
    fetch,
    ...call,
    path: `/orders/${encodeURIComponent(orderId)}${call.path}`,
    read: (body) => asOrderView(body, orderId),
  });
}
