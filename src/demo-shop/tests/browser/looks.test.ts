import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { animation, type Frame } from './support/animation.js';
import { Node } from './support/node.js';
import { buy, launchBrowser, turnsGreen } from './support/shop.js';
import { pause } from './support/soon.js';
import { states } from './support/states.js';

/**
 * Every state as a picture, for whoever wants to look. In `readme` those of the README, made with every run, so that
 * they can always be made: to renew them copy them to src/docs.
 */
const pictures = fileURLToPath(new URL('../../../../tests/TestResults/page/', import.meta.url));
const AT_MOST = 300 * 1024;
const widths = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

/** The pictures of the README: every state stands on one of these sheets. */
const sheets = {
  states: ['waiting', 'slow', 'paid', 'tickets-coming', 'tickets', 'cancelled', 'failed', 'not-safe-yet', 'expired', 'timed-out', 'interrupted', 'unknown'],
  shop: ['home', 'checkout', 'checkout-wrong', 'wallet', 'wallet-empty', 'plain-waiting', 'plain-paid', 'nowhere', 'phone'],
};

let node: Node;
let browser: Browser;
beforeAll(async () => {
  await mkdir(`${pictures}readme`, { recursive: true });
  [node, browser] = await Promise.all([Node.start(), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await node.program.kill();
});

describe('every page, in light and dark, at the width of a desk and of a phone', () => {
  it.each(states)('is accessible and fits: $name', async ({ name, reach }) => {
    const context = await browser.newContext({ viewport: widths.desktop, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await reach(page, node);
    for (const [width, colorScheme] of [['desktop', 'light'], ['phone', 'dark']] as const) {
      await page.setViewportSize(widths[width]);
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `${pictures}${name}-${width}-${colorScheme}.png`, fullPage: true });
      expect(await violations(page), `${width}, ${colorScheme}`).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth), `wider than a ${width}`).toBeLessThanOrEqual(widths[width].width);
    }
    for (const width of ['desktop', 'phone'] as const) {
      await page.setViewportSize(widths[width]);
      // On a buyer's own phone there is no pretend one.
      if (width === 'phone') await page.evaluate(() => document.querySelector<HTMLElement>('.phone-side')?.style.setProperty('display', 'none'));
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: `${pictures}readme/${name}-${width}-${colorScheme}.png` });
      }
    }
    await context.close();
  });

  it('has every state on a sheet of the README', () => {
    expect(Object.values(sheets).flat().sort()).toEqual(states.map(({ name }) => name).sort());
  });

  it.each([
    ['states', 'phone', 'light'],
    ['states', 'phone', 'dark'],
    ['states', 'desktop', 'light'],
    ['states', 'desktop', 'dark'],
    ['shop', 'phone', 'light'],
    ['shop', 'phone', 'dark'],
    ['shop', 'desktop', 'light'],
    ['shop', 'desktop', 'dark'],
  ] as const)('side by side for the README: %s, on a %s, in %s', async (sheet, width, colorScheme) => {
    const shown = sheets[sheet].filter((name) => width === 'desktop' || name !== 'phone');
    const figures = await Promise.all(
      shown.map(async (name) => {
        const png = await readFile(`${pictures}readme/${name}-${width}-${colorScheme}.png`, 'base64');
        return `<figure><img alt="" src="data:image/png;base64,${png}"><figcaption>${name.replaceAll('-', ' ')}</figcaption></figure>`;
      }),
    );
    const page = await browser.newPage({ viewport: { width: 1000, height: 1000 } });
    await page.setContent(`<style>
      body { margin: 0; background: ${colorScheme === 'dark' ? '#060908' : '#e6e3da'}; color: ${colorScheme === 'dark' ? '#c9d1cc' : '#3a3f3c'}; }
      main { display: grid; grid-template-columns: repeat(${width === 'phone' ? 4 : 3}, 1fr); gap: 14px 16px; padding: 16px; }
      figure { margin: 0; font: 600 15px system-ui, sans-serif; text-align: center; }
      figcaption { padding-top: 6px; }
      img { display: block; width: 100%; aspect-ratio: ${width === 'phone' ? '390 / 760' : '1280 / 800'}; object-fit: cover; object-position: top; border-radius: 14px; }
    </style><main>${figures.join('')}</main>`);
    await page.evaluate(() => Promise.all([...document.images].map((image) => image.decode())));
    const picture = animation([{ png: await page.locator('main').screenshot(), ms: 1000 }]);
    await writeFile(`${pictures}readme/${sheet}-${width}-${colorScheme}.png`, picture);
    expect(picture.length).toBeLessThan(AT_MOST);
    await page.close();
  });
});

it('the page that turns green, as a picture that moves', async () => {
  const context = await browser.newContext({ viewport: { width: 1060, height: 800 }, colorScheme: 'light' });
  const page = await context.newPage();
  const frames: Frame[] = [];
  const take = async (ms: number) => frames.push({ png: await page.screenshot(), ms });
  await buy(page, node.url);
  const pin = page.getByLabel('Enter M-PESA PIN');
  await pin.focus();
  await pause(1000);
  await take(1800);
  await pin.fill('1234');
  await take(900);
  await page.getByRole('button', { name: 'Send', exact: true }).click();
  await turnsGreen(page);
  await page.getByText('Confirmed.').waitFor();
  // Confetti and colours come to rest.
  await pause(1500);
  await take(3200);
  const moving = animation(frames);
  await writeFile(`${pictures}readme/green.png`, moving);
  expect(moving.length).toBeLessThan(AT_MOST);

  // It is a picture for the browser, and of the right size.
  const size = await page.evaluate(async (base64) => {
    const image = new Image();
    image.src = `data:image/png;base64,${base64}`;
    await image.decode();
    return [image.naturalWidth, image.naturalHeight];
  }, moving.toString('base64'));
  expect(size).toEqual([1060, 800]);
  await context.close();
});

async function violations(page: Page): Promise<string[]> {
  const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  return found.violations.flatMap(({ id, help, nodes }) => nodes.map(({ target }) => `${id}: ${help}: ${target.join(' ')}`));
}
