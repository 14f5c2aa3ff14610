import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startNginx } from './support/nginx.js';
import { Node, startSandbox } from './support/node.js';
import { isHeld, startRedis } from './support/redis.js';
import { launchBrowser, listen, opens, openWaits, says, turnsGreen, watchWaits } from './support/shop.js';
import { pause, soon } from './support/soon.js';
import { Wire } from './support/wire.js';

let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

/** A page of its own that waits for an order of `node`, by the way of `url`. */
async function givenWaiting(node: Node, url = node.url, redis?: string) {
  const context = await browser.newContext();
  const waits = watchWaits(context);
  const page = await context.newPage();
  const order = await node.order();
  await opens(page, url, order);
  await soon('its request is held by the server', async () => openWaits(waits).length === 1 && (await isHeld(order.orderId, redis)));
  return { context, page, order, waits, heard: await listen(page) };
}

/** The titles that a page may show between Pay and paid, and nothing else. */
const calm = ['Waiting for payment', 'Still waiting for payment', 'Payment successful!'];
const interrupted = 'The connection is interrupted. We keep trying; your payment is not affected.';

/** Fetches from inside of the page, as the page itself does: a status, or what went wrong. */
const asks = (page: Awaited<ReturnType<typeof givenWaiting>>['page'], path: string) =>
  page.evaluate((url) => fetch(url, { signal: AbortSignal.timeout(2000) }).then(({ status }) => status, (error: unknown) => (error as Error).name), path);

/** How long this process itself stood still at most, in ms. Where the whole machine pauses, somebody's lateness proves nothing. */
const watchStandstill = () => {
  let [longest, last] = [0, performance.now()];
  const timer = setInterval(() => {
    longest = Math.max(longest, performance.now() - last - 100);
    last = performance.now();
  }, 100);
  timer.unref(); // a test that fails before it asks leaves nothing behind that keeps the run alive
  return () => {
    clearInterval(timer);
    return longest;
  };
};

// They mostly wait, each on servers of its own: side by side they take as long as the longest.
describe.concurrent('the page turns green, though', () => {
  it('the server is restarted while it waits', async () => {
    const node = await Node.start({ PayHero__BaseUrl: await startSandbox(), LongPoll__DrainTime: '00:00:02' });
    const { context, page, order, waits, heard } = await givenWaiting(node);

    node.program.signal('SIGTERM');
    await soon('the parked request is let go', () => waits[0]!.ended !== 'open');
    expect(waits[0]!.ended).toBe(200);
    expect(await node.program.exit()).toBe(0);
    expect(await asks(page, `/orders/${order.orderId}`)).toBe('TypeError');

    await node.startAgain();
    await soon('the page waits at the new process', async () => openWaits(waits).length === 1 && (await isHeld(order.orderId)), 60);
    await node.answer(order.phone, 'pin');
    await turnsGreen(page);
    // Down for longer than a moment it may say that it keeps trying; never that something is wrong.
    expect((await heard()).filter((words) => !calm.includes(words) && words !== interrupted)).toEqual([]);
    await context.close();
    await node.program.kill();
  });

  it('a proxy cuts after ten seconds: learned from two cuts, no third (row 127)', async () => {
    const node = await Node.start();
    const nginx = await startNginx(node.url, 10);
    const { context, page, order, waits, heard } = await givenWaiting(node, nginx.url);
    const standstill = watchStandstill();

    await soon('two cuts', () => waits.filter(({ ended }) => ended === 504).length === 2, 60);
    expect(waits.slice(0, 2).map(({ ended }) => ended)).toEqual([504, 504]);
    // The payment takes about forty seconds.
    await soon('a third request came back by itself, and a fourth is parked', () => waits[2]?.ended === 200 && waits[3]?.ended === 'open', 60);
    expect(Number(new URL(waits[3]!.url).searchParams.get('timeout'))).toBeLessThan(10);
    await node.answer(order.phone, 'pin');
    await turnsGreen(page);
    for (const { url } of waits.slice(2)) {
      expect(Number(new URL(url).searchParams.get('timeout') ?? 60)).toBeLessThan(10);
    }
    // It asks for two seconds less than the proxy gives.
    const stood = standstill();
    if (stood >= 1000) {
      console.warn(`The machine stood still for ${Math.round(stood)} ms: whether a request was cut is not looked at.`);
    } else {
      expect(waits.slice(2).filter(({ ended }) => ended === 504 || ended === 'failed')).toEqual([]);
    }
    // A proxy's habit is no interruption: the page never speaks of one.
    expect((await heard()).filter((words) => !calm.includes(words))).toEqual([]);

    // The next page knows from the start.
    const next = await context.newPage();
    const another = await node.order();
    const before = waits.length;
    await opens(next, nginx.url, another);
    await soon('its first request is short', () => waits.length > before);
    expect(Number(new URL(waits[before]!.url).searchParams.get('timeout'))).toBeLessThan(10);
    await context.close();
    await nginx.stop();
    await node.program.kill();
  });

  it('Redis is killed while it waits', async () => {
    const redis = await startRedis();
    const node = await Node.start({ ConnectionStrings__Redis: redis.address });
    const { context, page, order, waits, heard } = await givenWaiting(node, node.url, redis.address);

    await redis.program.kill();
    expect(await redis.alive()).toBe(false);
    expect(openWaits(waits)).toHaveLength(1);
    await node.answer(order.phone, 'pin');
    await turnsGreen(page);
    expect(await redis.alive()).toBe(false);
    expect(waits[0]!.ended).toBe(200);
    expect((await heard()).filter((words) => !calm.includes(words))).toEqual([]);
    await context.close();
    await node.program.kill();
  });

  it('the network is gone for twenty seconds, and the payment arrives meanwhile', async () => {
    const node = await Node.start();
    const wire = await Wire.to(node.url);
    const { context, page, order, waits, heard } = await givenWaiting(node, wire.url);

    wire.cut();
    const cutAt = Date.now();
    await soon('the parked request is cut', () => waits[0]!.ended === 'failed');
    expect(await asks(page, '/health/live')).toBe('TypeError');
    await node.answer(order.phone, 'pin');
    await soon('it is paid', async () => (await node.statusOf(order)) === 'completed');
    await page.getByText(interrupted).waitFor();
    await pause(20_000 - (Date.now() - cutAt));
    expect(wire.refused).toBeGreaterThan(2);
    await says(page, 'aiting for');

    wire.mend();
    await turnsGreen(page);
    expect((await heard()).filter((words) => !calm.includes(words) && words !== interrupted)).toEqual([]);
    await context.close();
    wire.close();
    await node.program.kill();
  });

  it('the phone changes networks: the old connection is dead and nobody says so', async () => {
    const node = await Node.start();
    const wire = await Wire.to(node.url);
    const { context, page, order, waits } = await givenWaiting(node, wire.url);

    wire.silence();
    await context.setOffline(true);
    await node.answer(order.phone, 'pin');
    await soon('it is paid', async () => (await node.statusOf(order)) === 'completed');
    await pause(5000);
    // Neither an answer nor an end reached the page, and it still waits for one.
    expect(waits[0]!.ended).toBe('open');
    await says(page, 'Waiting for payment');

    wire.mend();
    await context.setOffline(false);
    // The browser may take a connection that it has kept, and that is dead, too: then it takes some ten seconds.
    await turnsGreen(page, 90);
    expect(waits[0]!.ended).toBe('failed');
    await context.close();
    wire.close();
    await node.program.kill();
  });
});
