import { beforeEach, describe, expect, it, vi } from 'vitest';
import { pass } from '../support/clock.js';
import { paid } from '../support/orders.js';
import { givenWaiting } from '../support/waiting.js';

const world = givenWaiting();

// What has been learned lasts as long as the page, so every test has a proxy of its own.
let origins = 0;
let baseUrl: string;
beforeEach(() => {
  baseUrl = `https://shop-${origins++}.test`;
  vi.spyOn(Math, 'random').mockReturnValue(0.001);
});

const holds = () => world.server.waits.map((request) => request.query.timeout);

describe('a proxy that cuts', () => {
  it.each([504, 524, 'reset'] as const)('with %s after 10 s is understood at the second cut: from the third request on none is cut', async (kind) => {
    world.server.cut = { after: 10_000, with: kind };
    const page = world.wait({ baseUrl });
    await pass(60_000);

    expect(holds().slice(0, 3)).toEqual(['60', '60', '8']);
    expect(world.server.seen.slice(2).filter((r) => r.ended === 'cut' || r.status !== 200)).toEqual([
      expect.objectContaining({ ended: 'open' }),
    ]);
    world.server.announce(paid());
    await pass(0);
    expect(page.outcome?.order).toEqual(paid());
  });

  it('and says so (504) is no interruption to speak of', async () => {
    world.server.cut = { after: 10_000, with: 504 };
    const page = world.wait({ baseUrl });
    await pass(25_000);
    expect(page.states).toEqual(['connecting', 'waiting']);
  });

  it('is remembered for the next page of the same origin, for a day', async () => {
    world.server.cut = { after: 30_000, with: 504 };
    world.wait({ baseUrl });
    await pass(61_000);
    const stored = JSON.parse(localStorage.getItem(`longpoll:limit:${baseUrl}`)!) as { limit: number };
    expect(stored.limit).toBe(30_000);

    // A page that is loaded now has the storage, not the memory.
    vi.resetModules();
    const { holdLimit } = await import('../../src/engine/holdLimit.js');
    expect(holdLimit(baseUrl).shorten(60_000)).toBe(27_000);

    vi.resetModules();
    await pass(24 * 3600_000);
    const later = await import('../../src/engine/holdLimit.js');
    expect(later.holdLimit(baseUrl).shorten(60_000)).toBe(60_000);
  });

  it('on the way to one server says nothing about another', async () => {
    world.server.cut = { after: 30_000, with: 504 };
    world.wait({ baseUrl });
    await pass(60_000);
    const { holdLimit } = await import('../../src/engine/holdLimit.js');
    expect(holdLimit('https://elsewhere.test').shorten(60_000)).toBe(60_000);
  });

  it('is understood where nothing can be stored', async () => {
    vi.stubGlobal('localStorage', {
      getItem: () => {
        throw new DOMException('denied', 'SecurityError');
      },
      setItem: () => {
        throw new DOMException('full', 'QuotaExceededError');
      },
      clear: () => {},
    });
    world.server.cut = { after: 20_000, with: 'reset' };
    world.wait({ baseUrl });
    await pass(45_000);
    expect(holds()).toEqual(['60', '60', '18']);
  });

  it('at no steady time teaches nothing', async () => {
    world.server.cut = { after: 10_000, with: 'reset' };
    world.wait({ baseUrl });
    await pass(10_000);
    world.server.cut = { after: 25_000, with: 'reset' };
    await pass(10_000 + 25_000);
    expect(holds()).toEqual(['60', '60', '60']);
  });

  it('at once, as a server does that is away, teaches nothing', async () => {
    world.server.down = true;
    world.wait({ baseUrl });
    await pass(5);
    world.server.down = false;
    await pass(60_000);
    expect(localStorage.length).toBe(0);
    expect(new Set(holds())).toEqual(new Set(['60']));
  });

  it('and shortens its patience later is followed', async () => {
    world.server.cut = { after: 30_000, with: 504 };
    world.wait({ baseUrl });
    await pass(61_000);
    world.server.cut = { after: 15_000, with: 504 };
    await pass(27_000 + 30_000);
    expect(holds().at(-1)).toBe('13');
  });
});

describe('a way that drops idle connections without a word', () => {
  it('is asked to hold half as long', async () => {
    world.server.hole = true;
    world.wait({ baseUrl });
    await pass(65_000 + 35_000 + 100);
    expect(holds()).toEqual(['60', '30', '15']);
  });
});
