import { randomUUID } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { freePort, handed, Program } from './program.js';

const built = (project: string) => fileURLToPath(new URL(`../../../../${project}/bin/Debug/net10.0/`, import.meta.url));

export interface Order {
  orderId: string;
  orderNumber: string;
  accessToken: string;
  phone: string;
  /** Where a provider with a page of its own takes the money. */
  checkoutUrl?: string;
}

type PhoneAction = 'pin' | 'cancel' | 'insufficient_funds' | 'wrong_pin' | 'ignore';

/** A running LongPoll in Development, with the shop and the pretend phone, on PostgreSQL and Redis. */
export class Node {
  /** Where its pretend phone is: itself, unless the sandbox is a program of its own. */
  private readonly phone: string;

  private constructor(
    readonly url: string,
    private readonly settings: NodeJS.ProcessEnv,
    public program: Program,
  ) {
    this.phone = settings.PayHero__BaseUrl?.replace('/sandbox/payhero', '') ?? url;
  }

  /** On a database of its own, and the Redis of this test run unless `settings` name another. */
  static async start(settings: NodeJS.ProcessEnv = {}): Promise<Node> {
    const url = `http://127.0.0.1:${await freePort()}`;
    const all = {
      ConnectionStrings__Postgres: createDatabase(),
      ConnectionStrings__Redis: handed('LONGPOLL_TEST_REDIS'),
      ...settings,
    };
    return new Node(url, all, await launch('LongPoll.Server', url, all));
  }

  /** Ended before, it comes back at the same address. */
  async startAgain(): Promise<void> {
    this.program = await launch('LongPoll.Server', this.url, this.settings);
  }

  async order(changes: object = {}): Promise<Order> {
    const phone = newPhone();
    const body = {
      event: { name: 'Nairobi Night Jazz', startsAt: '2027-03-20T18:00:00+03:00', timeZone: 'Africa/Nairobi' },
      customer: { email: 'wanjiku@example.com', firstName: 'Wanjiku', phone },
      items: [{ name: 'Early Bird', quantity: 1, unitPrice: 300 }],
      currency: 'KES',
      ...changes,
    };
    const order = (await send(`${this.url}/orders`, body)) as Order;
    return { ...order, phone };
  }

  /** A link that asks for one payment; its short code. */
  async link(): Promise<string> {
    const body = { amount: 300, currency: 'KES', description: 'Table for two' };
    const { data } = (await send(`${this.url}/payment-links`, body)) as { data: { shortCode: string } };
    return data.shortCode;
  }

  /** The buyer does something with the newest request on the phone. */
  async answer(phone: string, action: PhoneAction): Promise<void> {
    const prompts = await fetch(`${this.phone}/sandbox/prompts?limit=1&phone=${encodeURIComponent(phone)}`);
    const [prompt] = (await prompts.json()) as { reference: string }[];
    if (!prompt) throw new Error(`There is no payment request on ${phone}.`);
    await send(`${this.phone}/sandbox/prompts/${prompt.reference}/answer`, { action });
  }

  /** The order as the server has it, asked around all proxies. */
  async statusOf({ orderId }: Order): Promise<string> {
    const response = await fetch(`${this.url}/orders/${orderId}`);
    return ((await response.json()) as { paymentStatus: string }).paymentStatus;
  }
}

/** The sandbox as a program of its own: its phone outlives a server. */
export async function startSandbox(): Promise<string> {
  const url = `http://127.0.0.1:${await freePort()}`;
  await launch('LongPoll.Sandbox', url, {});
  return `${url}/sandbox/payhero`;
}

function launch(project: string, url: string, settings: NodeJS.ProcessEnv): Promise<Program> {
  const cwd = built(project);
  const env = {
    ...process.env,
    ASPNETCORE_ENVIRONMENT: 'Development',
    ASPNETCORE_URLS: url,
    Logging__LogLevel__Default: 'Warning',
    // One browser opens as many pages here as a mall full of people.
    RateLimits__Public: '100000 / 1 min',
    RateLimits__Api: '100000 / 1 min',
    ...settings,
  };
  const ready = project === 'LongPoll.Server' ? '/health/ready' : '/sandbox/prompts';
  return new Program(project, 'dotnet', [`${cwd}${project}.dll`], { cwd, env }).ready(() =>
    fetch(url + ready).then((response) => response.ok, () => false),
  );
}

let phones = Math.floor(Math.random() * 90_000_000);

/** A phone that nobody had before: there are at most five requests for each in ten minutes. */
export function newPhone(): string {
  phones = (phones + 1) % 100_000_000;
  return `+2547${String(phones).padStart(8, '0')}`;
}

function createDatabase(): string {
  const parts = Object.fromEntries(handed('LONGPOLL_TEST_POSTGRES').split(';').map((part) => part.split('='))) as Record<string, string>;
  const database = `page_${randomUUID().replaceAll('-', '')}`;
  execFileSync(`${handed('LONGPOLL_TEST_PSQL_BIN')}/psql`, ['--quiet', '--no-psqlrc', '--command', `create database ${database}`], {
    env: { ...process.env, PGHOST: parts.Host, PGPORT: parts.Port, PGUSER: parts.Username, PGPASSWORD: parts.Password, PGDATABASE: parts.Database },
  });
  return Object.entries({ ...parts, Database: database }).map((part) => part.join('=')).join(';');
}

async function send(url: string, body: object): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status} of ${url}: ${text}`);
  return text ? JSON.parse(text) : null;
}
