import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { handed } from './program.js';
import { newPhone, type Order } from './node.js';

export function launchBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: handed('LONGPOLL_TEST_CHROMIUM'), args: ['--disable-dev-shm-usage'] });
}

export interface Wait {
  url: string;
  began: number;
  ended: 'open' | 'failed' | number;
  took: number;
}

/** The `/wait` requests of all pages of a browser, as its network log has them. */
export function watchWaits(context: BrowserContext): Wait[] {
  const waits: Wait[] = [];
  context.on('request', (request) => {
    if (!new URL(request.url()).pathname.endsWith('/wait')) return;
    const wait: Wait = { url: request.url(), began: Date.now(), ended: 'open', took: 0 };
    waits.push(wait);
    const end = (ended: Wait['ended']) => Object.assign(wait, { ended, took: Date.now() - wait.began });
    void request.response().then((response) => end(response?.status() ?? 'failed'), () => end('failed'));
  });
  return waits;
}

export const openWaits = (waits: Wait[]): Wait[] => waits.filter(({ ended }) => ended === 'open');

/** Chooses, fills in and pays, as a buyer does; ends on the page of the payment. */
export async function buy(page: Page, shop: string): Promise<Order> {
  const phone = newPhone();
  await page.goto(shop);
  await page.getByRole('link', { name: /Nairobi Night Jazz/ }).click();
  await page.getByLabel('First name').fill('Wanjiku');
  await page.getByLabel('Email').fill('wanjiku@example.com');
  await page.getByLabel('M-PESA phone').fill(phone.replace('+254', '0'));
  const made = page.waitForResponse((response) => response.request().method() === 'POST' && response.url().endsWith('/orders'));
  await page.getByRole('button', { name: /^Pay KES/ }).click();
  const order = (await (await made).json()) as Order;
  await page.waitForURL(`**/payment/${order.orderId}`);
  return { ...order, phone };
}

export const stage = (page: Page) => page.locator('.stage');
export const title = (page: Page) => page.locator('.stage h1');

export async function opens(page: Page, shop: string, order: Order): Promise<void> {
  await page.goto(`${shop}/payment/${order.orderId}?access_token=${encodeURIComponent(order.accessToken)}`);
  await says(page, 'Waiting for payment');
}

export async function says(page: Page, words: string, seconds = 30): Promise<void> {
  await title(page).filter({ hasText: words }).waitFor({ timeout: seconds * 1000 });
}

/** Green: by word, by sign, and by colour. */
export async function turnsGreen(page: Page, seconds = 30): Promise<void> {
  await says(page, 'Payment successful!', seconds);
  await page.waitForFunction(
    () => {
      const [red, green, blue] = getComputedStyle(document.querySelector('.stage')!).backgroundColor.match(/\d+/g)!.map(Number);
      return green! > 80 && green! > red! * 1.5 && green! > blue! * 1.3;
    },
    null,
    { timeout: seconds * 1000 },
  );
}

/** Everything that the page says from now on, so that a word of failure cannot come and go unseen. */
export async function listen(page: Page): Promise<() => Promise<string[]>> {
  await page.evaluate(() => {
    const heard = ((window as unknown as { heard: string[] }).heard = [] as string[]);
    const hear = () => {
      for (const element of document.querySelectorAll('.stage h1, .stage .note, [role=alert]')) {
        const words = element.textContent.trim();
        if (words && heard.at(-1) !== words && !heard.includes(words)) heard.push(words);
      }
    };
    hear();
    new MutationObserver(hear).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => (window as unknown as { heard: string[] }).heard);
}
