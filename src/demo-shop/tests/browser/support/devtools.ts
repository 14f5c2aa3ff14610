import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { handed, Program } from './program.js';
import { soon } from './soon.js';

interface Message {
  id?: number;
  sessionId?: string;
  method?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
}

/**
 * Chromium over its own protocol and nothing in between: a browser driven by Playwright keeps every tab visible and
 * has no back/forward cache.
 */
export class RawChromium {
  private readonly answers = new Map<number, (message: Message) => void>();
  private readonly listeners = new Set<(message: Message) => void>();
  private ids = 0;

  private constructor(
    private readonly program: Program,
    private readonly folder: string,
  ) {
    const pipe = program.child.stdio[4] as Readable;
    let rest = '';
    pipe.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\0');
      rest = parts.pop() ?? '';
      for (const part of parts) this.receive(JSON.parse(part) as Message);
    });
  }

  static async start(): Promise<RawChromium> {
    const folder = await mkdtemp(join(tmpdir(), 'longpoll-chromium-'));
    const args = ['--headless=new', '--remote-debugging-pipe', `--user-data-dir=${folder}`, '--no-first-run', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', 'about:blank'];
    const program = new Program('chromium', handed('LONGPOLL_TEST_CHROMIUM'), args, { stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'] });
    return new RawChromium(program, folder);
  }

  async send(method: string, params: object = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.ids;
    const answer = new Promise<Message>((resolve) => this.answers.set(id, resolve));
    (this.program.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answer;
    if (error) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  }

  /** A new tab in front of the others. */
  async open(url: string): Promise<Tab> {
    const { targetId } = (await this.send('Target.createTarget', { url })) as { targetId: string };
    const { sessionId } = (await this.send('Target.attachToTarget', { targetId, flatten: true })) as { sessionId: string };
    const tab = new Tab(this, targetId, sessionId);
    this.listeners.add((message) => message.sessionId === sessionId && tab.hear(message.method ?? '', message.params ?? {}));
    await tab.send('Page.enable');
    await tab.send('Network.enable');
    return tab;
  }

  async close(): Promise<void> {
    await this.program.kill();
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private receive(message: Message): void {
    if (message.id !== undefined) {
      this.answers.get(message.id)?.(message);
      this.answers.delete(message.id);
    } else {
      for (const listener of this.listeners) listener(message);
    }
  }
}

/** One tab: what it says, and the waits that its network log has. */
export class Tab {
  readonly waits: { id: string; ended: 'open' | 'answered' | 'let go' }[] = [];
  /** Why a page did not go into the back/forward cache. */
  notKept: string[] = [];

  constructor(
    private readonly browser: RawChromium,
    private readonly targetId: string,
    private readonly sessionId: string,
  ) {}

  get open(): number {
    return this.waits.filter(({ ended }) => ended === 'open').length;
  }

  send(method: string, params: object = {}): Promise<Record<string, unknown>> {
    return this.browser.send(method, params, this.sessionId);
  }

  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true })) as {
      result: { value: T };
      exceptionDetails?: { text: string };
    };
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.text}`);
    return result.value;
  }

  activate(): Promise<unknown> {
    return this.browser.send('Target.activateTarget', { targetId: this.targetId });
  }

  freeze(): Promise<unknown> {
    return this.send('Page.setWebLifecycleState', { state: 'frozen' });
  }

  thaw(): Promise<unknown> {
    return this.send('Page.setWebLifecycleState', { state: 'active' });
  }

  says(words: string): Promise<void> {
    return soon(`the page says ${words}`, () => this.evaluate<boolean>(`document.querySelector('.stage h1')?.textContent === ${JSON.stringify(words)}`));
  }

  isGreen(): Promise<boolean> {
    return this.evaluate("document.querySelector('.stage')?.dataset.phase === 'paid'");
  }

  hear(method: string, params: Record<string, unknown>): void {
    const wait = this.waits.find(({ id }) => id === params.requestId);
    if (method === 'Network.requestWillBeSent' && /\/wait\?/.test((params.request as { url: string }).url)) {
      this.waits.push({ id: params.requestId as string, ended: 'open' });
    } else if (wait && method === 'Network.loadingFinished') wait.ended = 'answered';
    else if (wait && method === 'Network.loadingFailed') wait.ended = 'let go';
    else if (method === 'Page.backForwardCacheNotUsed') {
      this.notKept = (params.notRestoredExplanations as { reason: string }[]).map(({ reason }) => reason);
    }
  }
}
