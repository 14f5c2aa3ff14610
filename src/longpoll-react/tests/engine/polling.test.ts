import { beforeEach, describe, expect, it, vi } from 'vitest';
import { pass } from '../support/clock.js';
import { paid } from '../support/orders.js';
import { givenWaiting } from '../support/waiting.js';

const world = givenWaiting();
beforeEach(() => {
  // Next to no pause before a wait is tried again, so that the times below are those of the polls.
  vi.spyOn(Math, 'random').mockReturnValue(0.001);
});

const kinds = () => world.server.seen.map((r) => (r.path.endsWith('/wait') ? 'wait' : 'read')).join(' ');
const gaps = (from: number) =>
  world.server.seen.slice(from + 1).map((request, i) => (request.at - world.server.seen[from + i]!.at) / 1000);

/** Long requests die at a time that nobody can learn from; short ones pass. */
function longRequestsDie() {
  world.server.cut = { after: 900, with: 'reset', waitsOnly: true };
}

describe('where long polls do not get through', () => {
  it('reads every 3 s instead, and turns green (row 114)', async () => {
    longRequestsDie();
    const page = world.wait();
    await pass(4 * 900 + 50);
    expect(kinds()).toBe('wait wait wait read wait read');
    expect(page.states.at(-1)).toBe('polling');

    await pass(9000);
    expect(gaps(5)).toEqual([3, 3, 3]);
    world.server.announce(paid());
    await pass(3000);
    expect(page.outcome?.order).toEqual(paid());
  });

  it('backs off 6, 12, 24, 30 s on errors and returns to 3 s on success (row 120)', async () => {
    longRequestsDie();
    world.wait();
    await pass(4 * 900 + 50);
    const polled = world.server.seen.length - 1;
    world.server.down = true;
    await pass(3000 + 6000 + 12_000 + 24_000 + 30_000 + 29_000);
    world.server.down = false;
    await pass(1000 + 3000);
    expect(gaps(polled)).toEqual([3, 6, 12, 24, 30, 30, 3]);
  });

  it('tries a wait again after a minute, and stays with it when it gets through', async () => {
    longRequestsDie();
    const page = world.wait();
    await pass(4 * 900 + 20 * 3000 - 100);
    world.server.cut = null;
    await pass(150 + 10_000);
    expect(world.server.waits.at(-2)!.query.timeout).toBe('10');
    expect(world.server.open).toBe(1);
    expect(page.states.at(-1)).toBe('waiting');
  });

  it('goes on reading when that wait is cut, too', async () => {
    longRequestsDie();
    const page = world.wait();
    await pass(4 * 900 + 20 * 3000 + 900 + 6000 + 100);
    expect(kinds().endsWith('read wait read')).toBe(true);
    expect(page.states.at(-1)).toBe('polling');
  });
});

describe('where nothing gets through', () => {
  it('long polls are not blamed: when the server is back one is parked again', async () => {
    world.server.down = true;
    vi.mocked(Math.random).mockReturnValue(1);
    world.wait();
    await pass(14_000);
    expect(kinds()).toBe('wait wait wait read');
    world.server.down = false;
    await pass(1000);
    expect(kinds()).toBe('wait wait wait read wait');
    expect(world.server.open).toBe(1);
  });
});

describe('polling as an option', () => {
  it('is 30 attempts, a second apart, a failed one tried again (row 132)', async () => {
    const page = world.wait({ poll: true, pollInterval: 1000, attempts: 30 });
    await pass(3000);
    world.server.replies.push(() => Promise.reject(new TypeError('reset')));
    await pass(27_000 + 1000);
    expect(world.server.waits).toHaveLength(0);
    expect(world.server.reads).toHaveLength(30);
    expect(page.outcome?.timedOut).toBe(true);
  });
});
