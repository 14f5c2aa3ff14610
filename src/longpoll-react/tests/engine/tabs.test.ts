import { beforeEach, describe, expect, it, vi } from 'vitest';
import { freezeTab, hide, show, givenTabs } from '../support/browser.js';
import { pass } from '../support/clock.js';
import { order, paid, ticketed } from '../support/orders.js';
import { problem } from '../support/scriptedServer.js';
import { givenWaiting, type Waiting } from '../support/waiting.js';

const world = givenWaiting();

const tabs = (count: number, options = {}): Waiting[] => Array.from({ length: count }, () => world.wait(options));

describe('ten tabs of one order', () => {
  beforeEach(givenTabs);

  it('have one connection, and all turn green (row 17)', async () => {
    const all = tabs(10, { until: 'fulfilled' });
    await pass(20_000);
    expect(world.server.seen).toHaveLength(1);

    world.server.announce(paid());
    await pass(100);
    expect(all.map((tab) => tab.updates.at(-1)?.paymentStatus)).toEqual(Array(10).fill('completed'));
    expect(world.server.seen).toHaveLength(2);

    world.server.announce(ticketed());
    await pass(1000);
    expect(all.map((tab) => tab.outcome)).toEqual(Array(10).fill({ timedOut: false, order: ticketed() }));
    expect(world.server.seen).toHaveLength(2);
  });

  it('go on without the one that led', async () => {
    const [first, ...others] = tabs(10);
    await pass(5000);
    first!.leave();
    await pass(0);
    expect(world.server.open).toBe(1);

    world.server.announce(paid());
    await pass(0);
    expect(others.map((tab) => tab.outcome?.order)).toEqual(Array(9).fill(paid()));
    expect(world.server.waits).toHaveLength(2);
  });

  it('know what the others know: a new one shows the order without asking', async () => {
    tabs(1);
    await pass(5000);
    const newcomer = world.wait({ initial: null });
    await pass(0);
    expect(newcomer.updates).toEqual([order()]);
    expect(newcomer.states).toEqual(['connecting', 'waiting']);
    expect(world.server.seen).toHaveLength(1);
  });

  it('that have had enough leave the others waiting', async () => {
    const short = world.wait({ timeout: 30_000 });
    const long = world.wait({ timeout: 300_000 });
    await pass(30_500);
    expect(short.outcome?.timedOut).toBe(true);
    expect(long.outcome).toBeUndefined();
    expect(world.server.open).toBe(1);
    // The one that went spoke for itself only.
    expect(short.states).toEqual(['connecting', 'waiting', 'idle']);
    expect(long.states).toEqual(['connecting', 'waiting']);
    await pass(270_000);
    expect(long.outcome?.timedOut).toBe(true);
  });

  it('that wait for less leave those who wait for more waiting', async () => {
    const payment = world.wait({ until: 'settled' });
    const tickets = world.wait({ until: 'fulfilled' });
    await pass(5000);
    world.server.announce(paid());
    await pass(1000);
    expect(payment.outcome?.order).toEqual(paid());
    expect(tickets.states).not.toContain('idle');
    world.server.announce(ticketed());
    await pass(1000);
    expect(tickets.outcome?.order).toEqual(ticketed());
  });

  it('that only listen lose patience, too', async () => {
    const all = tabs(2, { timeout: 90_000 });
    await pass(91_000);
    expect(all.map((tab) => tab.outcome?.timedOut)).toEqual([true, true]);
  });

  it('are each told of a refusal', async () => {
    const all = tabs(2, { initial: null });
    world.server.replies.push(
      () => problem(404, 'There is no such order.'),
      () => problem(404, 'There is no such order.'),
    );
    await pass(1000);
    expect(all.map((tab) => tab.error)).toMatchObject([{ status: 404 }, { status: 404 }]);
  });

  it('are looked after by the one that is looked at', async () => {
    hide();
    const all = tabs(3);
    await pass(5000);
    show(); // in a test all tabs share one document: each of them takes the lead once
    await pass(0);
    expect(world.server.open).toBe(1);
    world.server.announce(paid());
    await pass(0);
    expect(all.map((tab) => tab.outcome?.order)).toEqual(Array(3).fill(paid()));
  });
});

describe('a leader that is frozen', () => {
  beforeEach(givenTabs);

  it('is replaced by a newcomer after two seconds', async () => {
    tabs(1);
    await pass(5000);
    freezeTab(0);
    const newcomer = world.wait();
    await pass(1999);
    expect(world.server.waits).toHaveLength(1);
    await pass(1);
    expect(world.server.waits).toHaveLength(2);
    world.server.announce(paid());
    await pass(0);
    expect(newcomer.outcome?.order).toEqual(paid());
  });

  it('is missed by those who listen after twenty', async () => {
    const [, follower] = tabs(2);
    await pass(1000);
    freezeTab(0);
    await pass(19_000 + 1999);
    expect(world.server.waits).toHaveLength(1);
    await pass(1);
    expect(world.server.waits).toHaveLength(2);
    world.server.announce(paid());
    await pass(0);
    expect(follower!.outcome?.order).toEqual(paid());
  });
});

describe('a browser without Web Locks or channels', () => {
  it('has each tab look after itself', async () => {
    vi.stubGlobal('BroadcastChannel', undefined);
    const all = tabs(2);
    await pass(1000);
    expect(world.server.open).toBe(2);
    world.server.announce(paid());
    await pass(0);
    expect(all.map((tab) => tab.outcome?.order)).toEqual([paid(), paid()]);
  });

  it('or one that forbids them has each tab look after itself', async () => {
    givenTabs();
    const denied = () => Promise.reject(new DOMException('sandboxed', 'SecurityError'));
    vi.stubGlobal('navigator', Object.create(navigator, { locks: { value: { request: denied } } }));
    const page = world.wait();
    await pass(1000);
    expect(world.server.open).toBe(1);
    world.server.announce(paid());
    await pass(0);
    expect(page.outcome?.order).toEqual(paid());
  });
});
