import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Browser, BrowserContext } from 'playwright-core';
import { Node } from './support/node.js';
import { buy, launchBrowser, openWaits, opens, says, stage, title, turnsGreen, watchWaits, type Wait } from './support/shop.js';
import { pause, soon } from './support/soon.js';

let node: Node;
let browser: Browser;
let context: BrowserContext;
let waits: Wait[];

beforeAll(async () => {
  [node, browser] = await Promise.all([Node.start(), launchBrowser()]);
  // The figure below is that of a server that has done it before.
  for (let i = 0; i < 3; i++) {
    const order = await node.order();
    await node.answer(order.phone, 'pin');
    await soon('it is paid', async () => (await node.statusOf(order)) === 'completed');
  }
});
afterAll(async () => {
  await browser.close();
  await node.program.kill();
});
beforeEach(async () => {
  context = await browser.newContext();
  waits = watchWaits(context);
});
afterEach(() => context.close());

describe('a buyer', () => {
  it('enters the PIN and sees the page turn green, after exactly one wait (rows 128, 129, 142)', async () => {
    const page = await context.newPage();
    await page.addInitScript(() => {
      const times = ((window as unknown as { times: Record<string, number | undefined> }).times = {} as Record<string, number | undefined>);
      addEventListener('submit', () => (times.pin = performance.now()), true);
      new MutationObserver(() => {
        if (document.querySelector('.stage[data-phase=paid]')) times.green ??= performance.now();
      }).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-phase'] });
    });
    await buy(page, node.url);
    await says(page, 'Waiting for payment');
    await page.getByLabel('Enter M-PESA PIN').fill('1234');
    // As long as a buyer takes to type: one request bridges it.
    await pause(3000);
    expect(waits).toHaveLength(1);
    expect(openWaits(waits)).toHaveLength(1);

    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await turnsGreen(page);
    const { pin, green } = await page.evaluate(() => (window as unknown as { times: { pin: number; green: number } }).times);
    console.log(`From PIN to green: ${Math.round(green - pin)} ms (expected: less than 300)`);

    const until = waits.filter(({ began }) => began < waits[0]!.began + waits[0]!.took);
    expect(until).toHaveLength(1);
    expect(waits[0]).toMatchObject({ ended: 200 });
    expect(green - pin).toBeLessThan(3000);
    await page.getByText('A confirmation and your tickets go to w***@example.com.').waitFor();
    await page.getByText(/^BK-/).waitFor();
    expect(await page.title()).toContain('🎉');
  });

  it('cancels, tries again and pays (row 130)', async () => {
    const page = await context.newPage();
    const order = await buy(page, node.url);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await says(page, 'Payment cancelled');
    await page.getByText('You cancelled the payment on your phone. You were not charged.').waitFor();
    expect(await node.statusOf(order)).toBe('cancelled');

    await page.getByRole('button', { name: 'Try again' }).click();
    await says(page, 'Waiting for payment');
    await page.getByLabel('Enter M-PESA PIN').fill('1234');
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await turnsGreen(page);
    expect(await node.statusOf(order)).toBe('completed');
  });

  it('has ten tabs open: all turn green over one connection (row 17)', async () => {
    const order = await node.order();
    const pages = await Promise.all(Array.from({ length: 10 }, () => context.newPage()));
    for (const page of pages) await opens(page, node.url, order);
    await soon('one request is parked', () => openWaits(waits).length === 1);
    // Whoever would ask for itself has had the time to.
    await pause(3000);
    expect(openWaits(waits)).toHaveLength(1);
    expect(waits).toHaveLength(1);

    await node.answer(order.phone, 'pin');
    await Promise.all(pages.map((page) => turnsGreen(page)));
    expect(waits.filter(({ ended }) => ended === 'failed')).toEqual([]);
    // The next request is for the tickets: one for all of them, too.
    expect(waits.length).toBeLessThanOrEqual(2);
  });

  it('loses the tab that asked for all: another goes on', async () => {
    const order = await node.order();
    const [first, second] = [await context.newPage(), await context.newPage()];
    await opens(first, node.url, order);
    await opens(second, node.url, order);
    await soon('one request is parked', () => openWaits(waits).length === 1);
    await first.close();
    await soon('the other tab has parked one', () => waits.length === 2 && waits[1]!.ended === 'open');
    await node.answer(order.phone, 'pin');
    await turnsGreen(second);
  });

  it('reads Swahili', async () => {
    const page = await context.newPage();
    const order = await node.order();
    await opens(page, node.url, order);
    await page.getByRole('button', { name: 'Kiswahili' }).click();
    await says(page, 'Tunasubiri malipo');
    expect(await page.locator('.story').getAttribute('lang')).toBe('sw');
    await node.answer(order.phone, 'insufficient_funds');
    await says(page, 'Malipo hayakukamilika');
    await page.getByText('Salio kwenye akaunti yako halikutosha.').waitFor();
    await page.getByRole('button', { name: 'Jaribu tena' }).click();
    await says(page, 'Tunasubiri malipo');
    await node.answer(order.phone, 'pin');
    await says(page, 'Malipo yamefaulu!');
  });

  it('wants no motion, and gets none', async () => {
    const calm = await browser.newContext({ reducedMotion: 'reduce' });
    const page = await calm.newPage();
    const order = await node.order();
    await opens(page, node.url, order);
    const moving = () => page.evaluate(() => document.getAnimations().filter((a) => Number(a.effect?.getComputedTiming().duration) > 10).length);
    expect(await moving()).toBe(0);
    await node.answer(order.phone, 'pin');
    await says(page, 'Payment successful!');
    expect(await moving()).toBe(0);
    await calm.close();
  });

  it('has no JavaScript: the page loads itself anew and turns green all the same', async () => {
    const plain = await browser.newContext({ javaScriptEnabled: false });
    const page = await plain.newPage();
    const order = await node.order();
    await page.goto(`${node.url}/payment/${order.orderId}`);
    expect(await page.locator('h1').textContent()).toBe('Waiting for payment');
    await node.answer(order.phone, 'pin');
    await page.locator('h1', { hasText: 'Payment successful!' }).waitFor();
    expect(await page.locator('.plain section').evaluate((section) => getComputedStyle(section).backgroundColor)).toBe('rgb(11, 107, 61)');
    await plain.close();
  });

  it('looks at a payment that does not exist, and is told so', async () => {
    const page = await context.newPage();
    await page.goto(`${node.url}/payment/01a1fbc7-0000-7000-8000-000000000001`);
    await says(page, 'We cannot find this payment');
    expect(await stage(page).getAttribute('data-phase')).toBe('unknown');
    expect(await title(page).count()).toBe(1);
  });
});

describe.each([
  ['stripe', 'KES'],
  ['phonepe', 'INR'],
])('a buyer on the page of %s', (provider, currency) => {
  it('pays there, comes back, and sees the page turn green (rows 42, 46)', async () => {
    const order = await node.order({ provider, currency });
    const page = await context.newPage();
    await page.goto(order.checkoutUrl!);

    await page.getByRole('button', { name: 'Pay', exact: true }).click();

    await turnsGreen(page);
    expect(new URL(page.url()).pathname).toBe(`/payment/${order.orderId}`);
    await soon('it is paid', async () => (await node.statusOf(order)) === 'completed');
  });
});

it('a buyer who cancels on the page of PhonePe comes back to a page that says so', async () => {
  const order = await node.order({ provider: 'phonepe', currency: 'INR' });
  const page = await context.newPage();
  await page.goto(order.checkoutUrl!);

  await page.getByRole('button', { name: 'Cancel and go back' }).click();

  await says(page, 'Payment cancelled');
});

describe('a payer of a payment link', () => {
  it('fills in the form, enters the PIN, and sees the page of success (rows 61, 62)', async () => {
    const code = await node.link();
    const page = await context.newPage();
    await page.goto(`${node.url}/pay/${code}`);
    await page.getByLabel('M-PESA phone number').fill('0722345678');
    await page.getByLabel('Email').fill('amina@example.com');
    await page.getByLabel('First name').fill('Amina');
    await page.getByRole('button', { name: 'Pay KES 300' }).click();
    await page.getByText('Check your phone and enter your M-PESA PIN.').waitFor();

    await node.answer('+254722345678', 'pin');

    await page.waitForURL(`**/pay/${code}/success`);
    await page.getByRole('heading', { level: 1 }).waitFor();
  });
});
