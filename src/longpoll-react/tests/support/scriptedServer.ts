import { vi } from 'vitest';
import type { OrderView } from '../../src/engine/orderView.js';
import { order } from './orders.js';

/** A request as the server saw it. `at` and `took` in milliseconds of the test's clock. */
export interface Seen {
  method: string;
  path: string;
  query: Record<string, string>;
  headers: Headers;
  at: number;
  ended: 'open' | 'answered' | 'cut' | 'aborted';
  status?: number;
  took?: number;
}

type Reply = (request: Seen) => Response | Promise<Response>;

/**
 * A server that keeps one order, as the real one does: it parks `/wait` until the version grows or time is up. Pass
 * `server.fetch` to what is tested. Around it the world can be made to fail:
 *
 *   server.down = true             nobody listens: requests fail at once
 *   server.hole = true             requests get no answer at all
 *   server.cut = { after, with }   a proxy ends requests after so many ms, by 'reset' or with a status
 *   server.replies.push(reply)     the next request gets this
 */
export class ScriptedServer {
  view: OrderView;
  down = false;
  hole = false;
  cut: { after: number; with: 'reset' | number; waitsOnly?: boolean } | null = null;
  readonly replies: Reply[] = [];
  readonly seen: Seen[] = [];
  private readonly parked = new Set<(response: Response) => void>();

  constructor(view: OrderView = order()) {
    this.view = view;
  }

  get waits(): Seen[] {
    return this.seen.filter((request) => request.path.endsWith('/wait'));
  }

  get reads(): Seen[] {
    return this.seen.filter((request) => !request.path.endsWith('/wait'));
  }

  /** Requests that are open at this moment. */
  get open(): number {
    return this.seen.filter((request) => request.ended === 'open').length;
  }

  /** The order changes, and everybody who is parked is answered. */
  announce(view: OrderView): void {
    this.view = view;
    this.release();
  }

  /** Everybody who is parked is answered with the view as it stands: the server is about to stop. */
  release(): void {
    for (const answer of this.parked) answer(json(this.view));
    this.parked.clear();
  }

  readonly fetch = vi.fn(async (input: string, init?: RequestInit): Promise<Response> => {
    const url = new URL(input, 'http://shop.test');
    const seen: Seen = {
      method: init?.method ?? 'GET',
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: new Headers(init?.headers),
      at: Date.now(),
      ended: 'open',
    };
    this.seen.push(seen);
    try {
      const response = await this.race(seen, init?.signal ?? null);
      seen.ended = 'answered';
      seen.status = response.status;
      return response;
    } finally {
      seen.took = Date.now() - seen.at;
    }
  });

  private race(seen: Seen, signal: AbortSignal | null): Promise<Response> {
    return new Promise((resolve, reject) => {
      const fail = (ended: Seen['ended'], reason: Error) => {
        if (seen.ended === 'open') seen.ended = ended;
        reject(reason);
      };
      const aborted = () => fail('aborted', new DOMException('The user aborted a request.', 'AbortError'));
      if (signal?.aborted) return aborted();
      signal?.addEventListener('abort', aborted);
      if (this.down) return fail('cut', new TypeError('Failed to fetch'));
      if (this.hole) return;

      const { cut } = this;
      if (cut && !(cut.waitsOnly && !seen.path.endsWith('/wait'))) {
        setTimeout(() => {
          if (cut.with === 'reset') fail('cut', new TypeError('Failed to fetch'));
          else resolve(new Response('<html>Gateway</html>', { status: cut.with }));
        }, cut.after);
      }
      void Promise.resolve(this.replies.shift()?.(seen) ?? this.handle(seen)).then(resolve, (e: unknown) => fail('cut', e as Error));
    });
  }

  private handle(seen: Seen): Response | Promise<Response> {
    if (!seen.path.endsWith('/wait')) return json(this.view);
    if (this.view.version > Number(seen.query.since ?? -1)) return json(this.view);
    return new Promise((resolve) => {
      const answer = (response: Response) => {
        this.parked.delete(answer);
        resolve(response);
      };
      this.parked.add(answer);
      setTimeout(() => answer(json(this.view)), Number(seen.query.timeout) * 1000);
    });
  }
}

export function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });
}

export function problem(status: number, detail: string, headers: Record<string, string> = {}): Response {
  return json({ title: 'No', status, detail }, status, { 'Content-Type': 'application/problem+json', ...headers });
}
