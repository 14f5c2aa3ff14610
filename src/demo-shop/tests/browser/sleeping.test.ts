import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { RawChromium, type Tab } from './support/devtools.js';
import { Node, type Order } from './support/node.js';
import { isHeld } from './support/redis.js';
import { pause, soon } from './support/soon.js';
import { Wire } from './support/wire.js';

let node: Node;
let browser: RawChromium;
let order: Order;
let tab: Tab;

beforeAll(async () => {
  [node, browser] = await Promise.all([Node.start(), RawChromium.start()]);
});
afterAll(async () => {
  await browser.close();
  await node.program.kill();
});
beforeEach(async () => {
  order = await node.order();
  tab = await browser.open(`${node.url}/payment/${order.orderId}`);
  await tab.says('Waiting for payment');
  await soon('its request is held by the server', async () => tab.open === 1 && (await isHeld(order.orderId)));
  await tab.evaluate('window.ticks = 0; setInterval(() => window.ticks++, 100); true');
});

/** Another tab comes in front, as when the buyer looks at something else. */
async function hide(): Promise<void> {
  expect(await tab.evaluate('document.visibilityState')).toBe('visible');
  await browser.open('about:blank');
  await soon('the tab is hidden', async () => (await tab.evaluate('document.visibilityState')) === 'hidden');
}

describe('a tab', () => {
  it('that is hidden keeps its request and is green before it is looked at', async () => {
    await hide();
    expect(tab.open).toBe(1);
    await node.answer(order.phone, 'pin');
    await soon('it is green', () => tab.isGreen());
    expect(await tab.evaluate('document.visibilityState')).toBe('hidden');
    expect(await tab.evaluate('document.title')).toContain('🎉');
  });

  it('that is hidden and frozen during the payment is green on return', async () => {
    await hide();
    await tab.freeze();
    // The fault: no timer runs, nothing is open, and what happens does not reach the page.
    await soon('its request is let go', async () => tab.open === 0 && !(await isHeld(order.orderId)));
    const ticks = await tab.evaluate<number>('window.ticks');
    await pause(1500);
    expect(await tab.evaluate('window.ticks')).toBe(ticks);
    await node.answer(order.phone, 'pin');
    await soon('it is paid', async () => (await node.statusOf(order)) === 'completed');
    await pause(1500);
    expect(await tab.isGreen()).toBe(false);
    expect(tab.open).toBe(0);

    await tab.thaw();
    await tab.activate();
    await tab.says('Payment successful!');
    expect(await tab.evaluate('document.visibilityState')).toBe('visible');
    expect(await tab.evaluate<number>('window.ticks')).toBeGreaterThan(ticks);
  });

  it('that led and is frozen is replaced by the one that is looked at', async () => {
    const second = await browser.open(`${node.url}/payment/${order.orderId}`);
    await second.says('Waiting for payment');
    await soon('the first is hidden', async () => (await tab.evaluate('document.visibilityState')) === 'hidden');
    await tab.freeze();
    await soon('one request is parked, by the second', () => second.open === 1 && tab.open === 0);
    await node.answer(order.phone, 'pin');
    await second.says('Payment successful!');
    expect(await tab.isGreen()).toBe(false);
    await tab.thaw();
    await tab.activate();
    await tab.says('Payment successful!');
  });

  it('that comes back out of the back/forward cache asks afresh', async () => {
    // The shop by way of a wire without `no-store`: with it Chromium keeps no page, unlike other browsers.
    const wire = await Wire.to(node.url, { keepable: true });
    order = await node.order();
    await tab.send('Page.navigate', { url: `${wire.url}/payment/${order.orderId}` });
    await tab.says('Waiting for payment');
    await soon('its request is held by the server', () => isHeld(order.orderId));
    await tab.evaluate("window.mark = 'the same page'; addEventListener('pageshow', ({ persisted }) => (window.persisted = persisted)); true");
    await tab.send('Page.navigate', { url: `${wire.url}/health/live` });
    await soon('another page is shown', () => tab.evaluate<boolean>("location.pathname === '/health/live'").catch(() => false));
    await soon('its request is let go', async () => !(await isHeld(order.orderId)));
    await node.answer(order.phone, 'pin');
    await soon('it is paid', async () => (await node.statusOf(order)) === 'completed');

    const { entries, currentIndex } = (await tab.send('Page.getNavigationHistory')) as { entries: { id: number }[]; currentIndex: number };
    await tab.send('Page.navigateToHistoryEntry', { entryId: entries[currentIndex - 1]!.id });
    await soon('the payment is shown', () => tab.evaluate<boolean>("location.pathname.startsWith('/payment/')").catch(() => false));
    // The fault: it is the page from before, not a new one.
    expect({ mark: await tab.evaluate('window.mark'), persisted: await tab.evaluate('window.persisted'), notKept: tab.notKept }).toEqual({
      mark: 'the same page',
      persisted: true,
      notKept: [],
    });
    await tab.says('Payment successful!');
    wire.close();
  });
});
