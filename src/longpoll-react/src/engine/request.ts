/** Why a request brought nothing. None of these says anything about the payment. */
export type Failure =
  /** The connection ended, or (`gateway`) somebody in between gave up with a 504 or 524, after so many milliseconds. */
  | { why: 'cut'; after: number; gateway: boolean }
  /** Nothing at all came, longer than an answer may take: the connection is dead and nobody said so. */
  | { why: 'silence' }
  /** Somebody answered, but not with what was asked for. `retryAfter` in milliseconds, where the server named a time. */
  | { why: 'unavailable'; retryAfter: number | null };

export type Answer<T> = { body: T; took: number } | { failure: Failure };

/** The server understood and said no (unknown order, missing access token …). Asking again would bring the same. */
export class RefusedError extends Error {
  override readonly name = 'RefusedError';

  constructor(
    /** The HTTP status. */
    readonly status: number,
    /** What the server said about it. */
    readonly detail: string,
  ) {
    super(`${status}: ${detail}`);
  }
}

/** How to talk to the server. */
export interface Connection {
  /** Where the server is; empty for the page's own origin. May carry a path: `https://pay.example.com/api`. */
  baseUrl?: string;
  /** The order's access token. Needed where the server asks for it, and to try again. */
  accessToken?: string;
  /** A fetch of your own, for example one that adds a header. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

interface Ask<T> extends Connection {
  path: string;
  /** True for what changes something: it is asked once. */
  post?: boolean;
  /** Milliseconds after which no answer is expected any more. */
  limit: number;
  signal: AbortSignal;
  /** Reads the body; null when it is not what was asked for. */
  read: (body: unknown) => T | null;
}

/** One request. It ends with an answer or a failure, throws what the server refuses, and null when `signal` ended it. */
export async function request<T>(ask: Ask<T>): Promise<Answer<T> | null> {
  const { signal } = ask;
  // Put together by hand: AbortSignal.any is missing in browsers that are still on people's phones.
  const either = new AbortController();
  const abort = () => either.abort();
  const timer = setTimeout(abort, ask.limit);
  signal.addEventListener('abort', abort);
  if (signal.aborted) abort();

  const began = performance.now();
  try {
    const response = await (ask.fetch ?? fetch)((ask.baseUrl ?? '') + ask.path, {
      method: ask.post ? 'POST' : 'GET',
      headers: ask.accessToken ? { Authorization: `Bearer ${ask.accessToken}` } : {},
      // Also keeps the browser from queueing one parked request behind another tab's for the same address.
      cache: 'no-store',
      signal: either.signal,
    });
    const answer = await readAnswer(response, ask, began);
    return signal.aborted ? null : answer;
  } catch (error) {
    if (signal.aborted) return null;
    if (error instanceof RefusedError) throw error;
    return { failure: either.signal.aborted ? { why: 'silence' } : { why: 'cut', after: performance.now() - began, gateway: false } };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

async function readAnswer<T>(response: Response, { read, post }: Ask<T>, began: number): Promise<Answer<T>> {
  const { status } = response;
  if (response.ok) {
    const text = await response.text();
    const body = read(parse(text));
    if (body) return { body, took: performance.now() - began };
  } else if (status === 504 || status === 524) {
    return { failure: { why: 'cut', after: performance.now() - began, gateway: true } };
  } else if (isRefusal(response, post)) {
    throw new RefusedError(status, detailOf(parse(await response.text())));
  }
  return { failure: { why: 'unavailable', retryAfter: retryAfter(response.headers.get('Retry-After')) } };
}

/** Only the server's own word counts as a no: between page and server others answer 403 and 404 in its place. */
function isRefusal({ status, headers }: Response, post = false): boolean {
  if (!headers.get('Content-Type')?.startsWith('application/problem+json')) return false;
  // Too many requests: who polls slows down, who wants something done is told.
  return status >= 400 && status < 500 && (status !== 429 || post);
}

function detailOf(problem: unknown): string {
  const { detail, title } = (problem ?? {}) as { detail?: string; title?: string };
  return detail ?? title ?? '';
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** Milliseconds until the moment that the header names, in seconds or as a date. */
function retryAfter(header: string | null): number | null {
  if (!header) return null;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return ms > 0 ? ms : null;
}
