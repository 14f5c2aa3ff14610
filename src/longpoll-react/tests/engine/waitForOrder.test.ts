import { describe, expect, it, vi } from 'vitest';
import { RefusedError } from '../../src/engine/request.js';
import { pass } from '../support/clock.js';
import { cancelled, order, ORDER, paid, ticketed } from '../support/orders.js';
import { json, problem } from '../support/scriptedServer.js';
import { givenWaiting } from '../support/waiting.js';

const world = givenWaiting();

describe('one parked request', () => {
  it('reads once, parks one request, and is answered when the payment settles', async () => {
    const page = world.wait({ initial: null });
    await pass(20_000);
    expect(world.server.seen.map((r) => r.path)).toEqual([`/orders/${ORDER}`, `/orders/${ORDER}/wait`]);
    expect(world.server.open).toBe(1);

    world.server.announce(paid());
    await pass(0);
    expect(page.outcome).toEqual({ timedOut: false, order: paid() });
    expect(page.updates.map((v) => v.paymentStatus)).toEqual(['processing', 'completed']);
  });

  it('needs a single request where the answer of POST /orders is handed in (rows 126, 142)', async () => {
    const page = world.wait();
    await pass(40_000);
    world.server.announce(paid());
    await pass(0);

    expect(world.server.seen).toHaveLength(1);
    expect(world.server.seen[0]).toMatchObject({ path: `/orders/${ORDER}/wait`, query: { timeout: '60', since: '2', until: 'change' } });
    expect(page.outcome?.timedOut).toBe(false);
  });

  it('asks again at once after a wait that ran out of time, and never has two open', async () => {
    world.wait();
    await pass(0);
    for (let minute = 1; minute <= 3; minute++) {
      await pass(60_000);
      expect(world.server.waits).toHaveLength(minute + 1);
      expect(world.server.waits[minute]!.at - world.server.waits[minute - 1]!.at).toBe(60_000);
      expect(world.server.open).toBe(1);
    }
  });

  it('takes an option that is undefined as left out', async () => {
    const missing = undefined;
    const page = world.wait({ timeout: missing, hold: missing, pause: missing, attempts: missing, pollInterval: missing, until: missing, baseUrl: missing });
    await pass(61_000);
    expect(world.server.waits.map((r) => [r.at - world.server.waits[0]!.at, r.query.timeout])).toEqual([[0, '60'], [60_000, '60']]);
    await pass(15 * 60_000);
    expect(page.outcome?.timedOut).toBe(true);
  });

  it('gives up on a request that brings nothing for 65 s (row 126)', async () => {
    world.server.hole = true;
    world.wait();
    await pass(64_900);
    expect(world.server.waits[0]!.ended).toBe('open');
    await pass(200);
    expect(world.server.waits[0]).toMatchObject({ ended: 'aborted', took: 65_000 });
  });

  it('pauses 5 s between four attempts where that is asked for, then says that time is over (row 127)', async () => {
    const page = world.wait({ pause: 5000, attempts: 4 });
    await pass(4 * 60_000 + 3 * 5000);

    expect(world.server.waits.map((r) => r.at - world.server.waits[0]!.at)).toEqual([0, 65_000, 130_000, 195_000]);
    expect(page.outcome).toEqual({ timedOut: true, order: order() });
  });

  it('never asks for longer than its patience lasts', async () => {
    const page = world.wait({ timeout: 90_000 });
    await pass(90_000);
    expect(world.server.waits.map((r) => r.query.timeout)).toEqual(['60', '30']);
    expect(page.outcome).toEqual({ timedOut: true, order: order() });
  });

  it('sends the access token, and asks below the path of another server', async () => {
    world.wait({ initial: null, baseUrl: 'https://pay.test/api', accessToken: 'agMN0w' });
    await pass(0);
    expect(world.server.seen[0]!.path).toBe(`/api/orders/${ORDER}`);
    expect(world.server.seen[0]!.headers.get('Authorization')).toBe('Bearer agMN0w');
  });
});

describe('the end', () => {
  it('is there at once for an order that is known to be settled', async () => {
    const page = world.wait({ initial: paid() });
    await pass(0);
    expect(page.outcome).toEqual({ timedOut: false, order: paid() });
    expect(world.server.seen).toHaveLength(0);
  });

  it('is a settled payment like any other when it was cancelled: one request (row 144)', async () => {
    const page = world.wait();
    await pass(10_000);
    world.server.announce(cancelled());
    await pass(0);
    expect(page.outcome).toEqual({ timedOut: false, order: cancelled() });
    expect(world.server.seen).toHaveLength(1);
  });

  it('comes with the tickets when those are waited for, by the next request (row 134)', async () => {
    const page = world.wait({ until: 'fulfilled' });
    await pass(20_000);
    world.server.announce(paid());
    await pass(400);
    expect(page.outcome).toBeUndefined();
    expect(page.updates.at(-1)!.paymentStatus).toBe('completed');

    world.server.announce(ticketed());
    await pass(0);
    expect(page.outcome).toEqual({ timedOut: false, order: ticketed() });
    expect(world.server.waits).toHaveLength(2);
  });

  it('waits on after an ending without money until it is safe to try again', async () => {
    const lapsed = cancelled({ paymentStatus: 'expired', reason: 'unreachable', safeToRetry: false });
    const page = world.wait({ until: 'fulfilled' });
    await pass(5000);
    world.server.announce(lapsed);
    await pass(30_000);
    expect(page.outcome).toBeUndefined();

    world.server.announce({ ...lapsed, safeToRetry: true, version: 4 });
    await pass(0);
    expect(page.outcome?.order?.safeToRetry).toBe(true);
  });

  it('turns good when money arrives after a failure', async () => {
    const page = world.wait({ initial: cancelled({ safeToRetry: false }), until: 'fulfilled' });
    await pass(5000);
    world.server.announce(ticketed());
    await pass(0);
    expect(page.outcome?.order?.paymentStatus).toBe('completed');
  });

  it('comes as a rejection when the server knows no such order', async () => {
    world.server.replies.push(() => problem(404, 'There is no such order.'));
    const page = world.wait({ initial: null });
    await pass(0);
    expect(page.error).toBeInstanceOf(RefusedError);
    expect(page.error).toMatchObject({ status: 404, detail: 'There is no such order.' });
  });

  it('does not come from somebody between page and server who answers in its place', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    world.server.replies.push(
      () => new Response('<h1>Not Found</h1>', { status: 404, headers: { 'Content-Type': 'text/html' } }),
      () => new Response('<h1>Hotel Wi-Fi: log in</h1>'),
      () => json({ ...paid(), orderId: '01a1fbc7-0000-7000-8000-000000000002' }),
    );
    const page = world.wait({ initial: null });
    await pass(10_000);
    expect([page.outcome, page.error]).toEqual([undefined, undefined]);
    expect(page.updates).toEqual([order()]);
  });

  it('comes at once when the caller aborts, and leaves nothing open', async () => {
    const page = world.wait();
    await pass(1000);
    page.leave('left the page');
    await pass(0);
    expect(page.error).toBe('left the page');
    expect(world.server.open).toBe(0);
    expect(vi.getTimerCount()).toBe(1); // the server's own: its parked request
  });

  it('comes before the first request when the caller has left already', async () => {
    const page = world.wait();
    page.leave('gone');
    await pass(0);
    expect(page.error).toBe('gone');
    expect(world.server.seen).toHaveLength(0);
  });
});

describe('versions', () => {
  it('never go back', async () => {
    const page = world.wait({ initial: order({ version: 5 }) });
    await pass(0);
    world.server.announce(order({ version: 4, paymentStatus: 'pending' }));
    await pass(0);
    world.server.announce(order({ version: 6 }));
    await pass(2000);
    expect(page.updates.map((v) => v.version)).toEqual([6]);
  });

  it('that the server does not have yet are not asked for in a tight loop', async () => {
    // A database that came back from a backup: `since` is above everything, and every wait is answered at once.
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    world.server.fetch.mockImplementation(() => {
      world.server.seen.push({ path: '/wait' } as never);
      return Promise.resolve(json(order({ version: 4 })));
    });
    world.wait({ initial: order({ version: 9 }) });
    await pass(10_000);
    expect(world.server.seen.length).toBeLessThan(7);
  });
});

describe('what is told', () => {
  it('on the console, at debug level only, are attempts and statuses (row 131)', async () => {
    const lines: string[] = [];
    vi.spyOn(console, 'debug').mockImplementation((line: string) => lines.push(line));
    const others = (['log', 'info', 'warn', 'error'] as const).map((level) => vi.spyOn(console, level));

    world.wait({ attempts: 4 });
    await pass(23_000);
    world.server.announce(paid());
    await pass(0);

    expect(lines).toEqual([
      'Long polling attempt 1/4 - Waiting for payment...',
      'Order status received: {"paymentStatus":"completed","version":3}',
      'Payment status resolved! Final status: completed',
    ]);
    for (const level of others) expect(level).not.toHaveBeenCalled();
  });

  it('of the connection is what a page may show', async () => {
    const page = world.wait({ initial: null });
    await pass(1000);
    world.server.announce(paid());
    await pass(0);
    expect(page.states).toEqual(['connecting', 'waiting', 'idle']);
  });
});
