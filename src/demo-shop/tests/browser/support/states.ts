import type { Page } from 'playwright-core';
import type { Node, Order } from './node.js';
import { buy, opens, says } from './shop.js';
import { soon } from './soon.js';

export interface State {
  name: string;
  /** Brings a fresh page there. */
  reach: (page: Page, node: Node) => Promise<unknown>;
}

type View = Record<string, unknown>;

/** A view that the server shows rarely, or not yet: the real one with some fields changed, and no news after it. */
async function shows(page: Page, node: Node, changes: (order: Order) => View): Promise<void> {
  const order = await node.order();
  const view = { ...((await (await fetch(`${node.url}/orders/${order.orderId}`)).json()) as View), ...changes(order) };
  await page.route('**/orders/*', (route) => route.fulfill({ json: view }));
  await page.route('**/orders/*/wait?*', () => {});
  await page.route('**/sandbox/prompts*', (route) => route.fulfill({ json: [] }));
  await page.route('**/qr.svg*', (route) => route.fulfill({ contentType: 'image/svg+xml', body: code }));
  await page.goto(`${node.url}/payment/${order.orderId}?access_token=${order.accessToken}`);
}

/** Something that looks like a QR code and opens no gate. */
const code = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 25 25"><path fill="#fff" d="M0 0h25v25H0z"/><path d="${Array.from(
  { length: 625 },
  (_, i) => {
    const [x, y] = [i % 25, Math.floor(i / 25)];
    const [u, v] = [Math.min(x, 24 - x), Math.min(y, 24 - y)];
    const corner = u < 8 && v < 8 && !(x > 16 && y > 16);
    const dark = corner ? Math.max(Math.abs(u - 3), Math.abs(v - 3)) !== 2 && u < 7 && v < 7 : (x * 7 + y * 13 + x * y * 5) % 11 < 5;
    return dark ? `M${x} ${y}h1v1h-1z` : '';
  },
).join('')}"/></svg>`;

async function ends(page: Page, node: Node, action: 'pin' | 'cancel' | 'insufficient_funds', words: string): Promise<void> {
  const order = await buy(page, node.url);
  await node.answer(order.phone, action);
  await says(page, words);
  // The phone beside it looks a moment later.
  await page.locator('.phone[data-state=quiet]').waitFor();
}

/** Waits for the page's own clock, not for the wall's. */
async function waited(page: Page, node: Node, minutes: number, words: string): Promise<void> {
  const order = await node.order();
  await page.clock.install();
  await opens(page, node.url, order);
  await page.clock.fastForward(minutes * 60_000);
  await says(page, words);
}

/** What a browser without JavaScript shows. Who looks for faults needs some, so here what waits for none is unwrapped, and stands still. */
async function plain(page: Page, node: Node, { orderId }: Order): Promise<void> {
  await page.route('**/payment/*', async (route) => {
    const response = await route.fetch();
    const html = (await response.text()).replace(/<script.*?<\/script>|<meta http-equiv.*?>|<\/?noscript>/g, '');
    await route.fulfill({ response, body: html });
  });
  await page.goto(`${node.url}/payment/${orderId}`);
  await page.locator('.plain section').waitFor();
}

const tickets = ({ orderId }: Order) => [1, 2].map((n) => ({ seat: `A${n}`, success: true, url: `/orders/${orderId}/tickets/${n}`, error: null }));
const paid = { paymentStatus: 'completed', status: 'confirmed', settled: true, receipt: 'UKLTCTGSG0', bookingReference: 'BK-H9M0PPRXXR', version: 9 };
const ended = { status: 'cancelled', settled: true, version: 9 };

export const states: State[] = [
  { name: 'home', reach: (page, node) => page.goto(node.url) },
  { name: 'checkout', reach: (page, node) => page.goto(`${node.url}/events/nairobi-night-jazz/checkout`) },
  {
    name: 'checkout-wrong',
    reach: async (page, node) => {
      await page.goto(`${node.url}/events/nairobi-night-jazz/checkout`);
      await page.getByLabel('First name').fill('Wanjiku');
      await page.getByLabel('Email').fill('wanjiku@example.com');
      await page.getByLabel('M-PESA phone').fill('12');
      await page.getByRole('button', { name: /^Pay KES/ }).click();
      await page.locator('[aria-invalid=true]').waitFor();
    },
  },
  {
    name: 'waiting',
    reach: async (page, node) => {
      await buy(page, node.url);
      await page.getByLabel('Enter M-PESA PIN').waitFor();
    },
  },
  { name: 'slow', reach: (page, node) => waited(page, node, 2, 'Still waiting for payment') },
  { name: 'timed-out', reach: (page, node) => waited(page, node, 16, 'No answer yet') },
  {
    name: 'interrupted',
    reach: async (page, node) => {
      await page.route('**/orders/*/wait?*', (route) => route.abort());
      await opens(page, node.url, await node.order());
      await page.getByText('The connection is interrupted.').waitFor();
    },
  },
  { name: 'paid', reach: (page, node) => ends(page, node, 'pin', 'Payment successful!') },
  { name: 'tickets-coming', reach: (page, node) => shows(page, node, () => ({ ...paid, fulfilment: 'pending' })) },
  { name: 'tickets', reach: (page, node) => shows(page, node, (order) => ({ ...paid, fulfilment: 'completed', tickets: tickets(order) })) },
  { name: 'cancelled', reach: (page, node) => ends(page, node, 'cancel', 'Payment cancelled') },
  { name: 'failed', reach: (page, node) => ends(page, node, 'insufficient_funds', 'Payment not completed') },
  {
    name: 'not-safe-yet',
    reach: (page, node) => shows(page, node, () => ({ ...ended, paymentStatus: 'failed', reason: 'unreachable', safeToRetry: false })),
  },
  {
    name: 'expired',
    reach: (page, node) => shows(page, node, () => ({ ...ended, paymentStatus: 'expired', reason: 'prompt_expired', safeToRetry: true })),
  },
  {
    name: 'unknown',
    reach: async (page, node) => {
      await page.goto(`${node.url}/payment/01a1fbc7-0000-7000-8000-000000000001`);
      await says(page, 'We cannot find this payment');
    },
  },
  { name: 'wallet-empty', reach: (page, node) => page.goto(`${node.url}/wallet`) },
  {
    name: 'wallet',
    reach: async (page, node) => {
      await ends(page, node, 'pin', 'Payment successful!');
      await page.getByRole('link', { name: 'My tickets', exact: true }).click();
      await page.getByRole('heading', { level: 2 }).waitFor();
    },
  },
  { name: 'nowhere', reach: (page, node) => page.goto(`${node.url}/events/no-such-evening/checkout`) },
  { name: 'phone', reach: (page, node) => page.goto(`${node.url}/sandbox`) },
  { name: 'plain-waiting', reach: async (page, node) => plain(page, node, await node.order()) },
  {
    name: 'plain-paid',
    reach: async (page, node) => {
      const order = await node.order();
      await node.answer(order.phone, 'pin');
      await soon('it is paid', async () => (await node.statusOf(order)) === 'completed');
      await plain(page, node, order);
    },
  },
];
