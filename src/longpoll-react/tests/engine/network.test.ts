import { describe, expect, it, vi } from 'vitest';
import { pass } from '../support/clock.js';
import { paid } from '../support/orders.js';
import { json, problem } from '../support/scriptedServer.js';
import { givenWaiting } from '../support/waiting.js';

const world = givenWaiting();

/** Seconds between the starts of requests. */
const gaps = () => world.server.seen.slice(1).map((request, i) => (request.at - world.server.seen[i]!.at) / 1000);

describe('a server that is away', () => {
  it('is asked at growing, jittered intervals of at most 10 s, and nobody is told that the payment failed', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    world.server.down = true;
    const page = world.wait();
    await pass(60_000);

    expect(gaps()).toEqual([1, 2, 4, 8, 10, 10, 10, 10]);
    expect(page.updates).toEqual([]);
    expect([page.outcome, page.error]).toEqual([undefined, undefined]);
    expect(page.states).toEqual(['connecting', 'waiting', 'retrying']);

    world.server.down = false;
    world.server.announce(paid());
    await pass(10_000);
    expect(page.outcome).toEqual({ timedOut: false, order: paid() });
  });

  it('may be asked again at any moment up to that: full jitter', async () => {
    vi.spyOn(Math, 'random').mockReturnValueOnce(0.1).mockReturnValueOnce(0.7).mockReturnValueOnce(0);
    world.server.down = true;
    world.wait();
    await pass(1500);
    expect(gaps()).toEqual([0.1, 1.4, 0]);
  });

  it('ends a wait as timed out when patience is over, and as nothing worse', async () => {
    world.server.down = true;
    const page = world.wait({ timeout: 60_000 });
    await pass(60_000);
    expect(page.outcome).toMatchObject({ timedOut: true, order: { paymentStatus: 'processing' } });
  });

  it('is not worth a word when only one request failed', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(0.5);
    world.server.replies.push(() => Promise.reject(new TypeError('reset')));
    const page = world.wait();
    await pass(5000);
    expect(page.states).toEqual(['connecting', 'waiting']);
  });
});

describe('a server that restarts', () => {
  it('lets the page go with the view as it stands; the page asks the next server at once and turns green', async () => {
    const page = world.wait();
    await pass(12_000);
    world.server.release();
    await pass(0);
    expect(world.server.waits).toHaveLength(2);
    expect(world.server.open).toBe(1);

    world.server.announce(paid());
    await pass(0);
    expect(page.outcome?.order).toEqual(paid());
    expect(page.states).not.toContain('retrying');
  });
});

describe('Retry-After', () => {
  it('is obeyed in seconds (rows 138, 162)', async () => {
    world.server.replies.push(() => problem(429, 'Too many requests.', { 'Retry-After': '17' }));
    const page = world.wait();
    await pass(16_999);
    expect(world.server.seen).toHaveLength(1);
    await pass(1);
    expect(world.server.seen).toHaveLength(2);
    expect(page.error).toBeUndefined();
  });

  it('is obeyed as a date', async () => {
    const date = new Date(Date.now() + 8000).toUTCString();
    world.server.replies.push(() => problem(503, 'Draining.', { 'Retry-After': date }));
    world.wait();
    await pass(7999);
    expect(world.server.seen).toHaveLength(1);
    await pass(1);
    expect(world.server.seen).toHaveLength(2);
  });

  it('holds even when the page wakes up or comes online in between', async () => {
    world.server.replies.push(() => problem(503, 'Full.', { 'Retry-After': '10' }));
    world.wait();
    await pass(4000);
    window.dispatchEvent(new Event('online'));
    document.dispatchEvent(new Event('visibilitychange'));
    await pass(5999);
    expect(world.server.seen).toHaveLength(1);
    await pass(1);
    expect(world.server.seen).toHaveLength(2);
  });

  it('longer than the patience ends the wait when patience is over', async () => {
    world.server.replies.push(() => problem(429, 'Too many requests.', { 'Retry-After': '900' }));
    const page = world.wait({ timeout: 30_000 });
    await pass(30_000);
    expect(page.outcome?.timedOut).toBe(true);
    expect(world.server.seen).toHaveLength(1);
  });

  it('that makes no sense counts for nothing', async () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    world.server.replies.push(() => json({}, 503, { 'Retry-After': 'soon' }));
    world.wait();
    await pass(1000);
    expect(gaps()).toEqual([1]);
  });
});
