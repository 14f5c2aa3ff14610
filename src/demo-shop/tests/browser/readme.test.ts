import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { build, type Rolldown } from 'vite';
import { Node } from './support/node.js';
import { launchBrowser, watchWaits } from './support/shop.js';

const shop = fileURLToPath(new URL('../../', import.meta.url));
const readmes = ['../../../../README.md', '../../../longpoll-react/README.md'].map((path) => new URL(path, import.meta.url));

let node: Node;
let browser: Browser;
beforeAll(async () => {
  [node, browser] = await Promise.all([Node.start(), launchBrowser()]);
});
afterAll(async () => {
  await browser.close();
  await node.program.kill();
});

it('the lines of the README turn green as they stand there', async () => {
  const [lines, again] = await Promise.all(readmes.map(firstExample));
  expect(lines!.split('\n').filter((line) => line.trim())).toHaveLength(5);
  expect(again).toBe(lines);

  const { orderId, phone } = await node.order();
  const script = await bundle(`
    import { createRoot } from 'react-dom/client';
    ${lines}
    createRoot(document.body).render(<Payment orderId="${orderId}" />);`);
  const context = await browser.newContext();
  const waits = watchWaits(context);
  const page = await context.newPage();
  await page.route('**/five-lines', (route) => route.fulfill({ contentType: 'text/html', body: `<!doctype html><title>Five lines</title><body><script type="module">${script}</script>` }));
  await page.goto(`${node.url}/five-lines`);
  await page.getByRole('heading', { name: 'Waiting for payment' }).waitFor();
  await node.answer(phone, 'pin');
  await page.getByRole('heading', { name: 'Paid!' }).waitFor();
  expect(waits.filter(({ ended }) => ended === 'failed')).toEqual([]);
  await context.close();
});

async function firstExample(readme: URL): Promise<string> {
  return /```tsx\n([^]*?)```/.exec(await readFile(readme, 'utf8'))![1]!;
}

/** With the tools of the shop, and the package as it was built. */
async function bundle(code: string): Promise<string> {
  const entry = `${shop}five-lines.tsx`;
  const built = (await build({
    root: shop,
    configFile: false,
    logLevel: 'error',
    plugins: [{ name: 'five lines', resolveId: (id) => (id === entry ? id : null), load: (id) => (id === entry ? code : null) }],
    build: { write: false, modulePreload: false, rollupOptions: { input: entry } },
  })) as Rolldown.RolldownOutput;
  return built.output[0].code.replaceAll('</script', '<\\/script');
}
