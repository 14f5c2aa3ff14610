import { describe, expect, it } from 'vitest';
import { bringBack, hide, putAway, show } from '../support/browser.js';
import { pass } from '../support/clock.js';
import { order, paid } from '../support/orders.js';
import { givenWaiting } from '../support/waiting.js';

const world = givenWaiting();

describe('a page that is put away', () => {
  it('leaves nothing open, and asks afresh when it comes back', async () => {
    const page = world.wait();
    await pass(5000);
    putAway();
    await pass(0);
    expect(world.server.open).toBe(0);

    await pass(30_000);
    expect(world.server.waits).toHaveLength(1);
    world.server.announce(paid());
    bringBack();
    await pass(0);
    expect(page.outcome?.order).toEqual(paid());
  });

  it('does not ask while it is frozen', async () => {
    const page = world.wait();
    await pass(5000);
    document.dispatchEvent(new Event('freeze'));
    await pass(60_000);
    expect(world.server.waits).toHaveLength(1);

    document.dispatchEvent(new Event('resume'));
    await pass(0);
    expect(world.server.open).toBe(1);
    expect(page.error).toBeUndefined();
  });

  it('asks once more when it comes back after its patience is over', async () => {
    const page = world.wait({ timeout: 60_000 });
    await pass(5000);
    putAway();
    await pass(3600_000);
    world.server.announce(paid());
    bringBack();
    await pass(0);
    expect(page.outcome).toEqual({ timedOut: false, order: paid() });
  });

  it('and is brought back at once parks one request, not two', async () => {
    const page = world.wait();
    await pass(5000);
    putAway();
    bringBack();
    await pass(0);
    expect(world.server.open).toBe(1);
    show();
    await pass(1000);
    show();
    await pass(0);
    expect(world.server.open).toBe(1);
    world.server.announce(paid());
    await pass(0);
    expect(page.outcome?.order).toEqual(paid());
  });
});

describe('a page that is looked at again', () => {
  it.each([
    ['visibilitychange', show],
    ['pageshow', bringBack],
    ['resume', () => document.dispatchEvent(new Event('resume'))],
    ['online', () => window.dispatchEvent(new Event('online'))],
  ])('drops a request that may be dead and asks afresh (%s)', async (_, wake) => {
    const page = world.wait();
    await pass(5000);
    world.server.hole = true;
    hide();
    await pass(5000);
    world.server.hole = false;
    world.server.view = paid(); // nobody told the dead connection
    wake();
    await pass(0);
    expect(world.server.waits.map((r) => r.ended)).toEqual(['aborted', 'answered']);
    expect(page.outcome?.order).toEqual(paid());
  });

  it('does not count that as an attempt', async () => {
    const page = world.wait({ attempts: 1 });
    await pass(5000);
    show();
    await pass(0);
    expect(world.server.open).toBe(1);
    expect(page.outcome).toBeUndefined();
  });

  it('asks once, however many events say the same', async () => {
    world.wait();
    await pass(5000);
    document.dispatchEvent(new Event('resume'));
    bringBack();
    show();
    window.dispatchEvent(new Event('online'));
    await pass(10);
    expect(world.server.waits).toHaveLength(2);
  });

  it('asks for a short time first: a connection that the browser kept may be dead, and nobody says so', async () => {
    const page = world.wait({ attempts: 2 });
    await pass(5000);
    hide();
    world.server.hole = true;
    show();
    await pass(10_000);
    expect(world.server.waits[1]).toMatchObject({ query: { timeout: '5' }, ended: 'aborted', took: 10_000 });
    world.server.hole = false;
    await pass(30_000);
    // Once something came, as long as ever; and none of these was an attempt.
    expect(world.server.waits.slice(2).map((r) => r.query.timeout)).toEqual(['5', '60']);
    expect(page.outcome).toBeUndefined();
  });

  it('does not wait for the end of a back-off', async () => {
    world.server.down = true;
    const page = world.wait();
    await pass(120_000);
    world.server.down = false;
    world.server.announce(paid());
    window.dispatchEvent(new Event('online'));
    await pass(0);
    expect(page.outcome?.order).toEqual(paid());
  });
});

describe('a page that is only shown for the first time', () => {
  it('keeps its request: the pageshow that ends loading is no waking up', async () => {
    world.wait();
    await pass(3000);
    window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }));
    await pass(0);
    expect(world.server.waits).toHaveLength(1);
  });

  it('keeps its request when it is hidden: it still wants the news', async () => {
    world.wait();
    await pass(3000);
    hide();
    await pass(0);
    expect(world.server.open).toBe(1);
  });
});

describe('a machine that slept with the page in view', () => {
  it('is noticed by its clock', async () => {
    world.wait({ initial: order() });
    await pass(5000);
    // No event, no timer: only the time of day went on.
    const { vi } = await import('vitest');
    vi.setSystemTime(Date.now() + 8 * 60_000);
    await pass(15_000);
    expect(world.server.waits[0]!.ended).toBe('aborted');
    expect(world.server.open).toBe(1);
  });
});
