import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { soon } from './soon.js';

/** Another program of a test's own: what it says is kept, and it is gone when the tests are. */
export class Program {
  said = '';
  readonly child: ChildProcess;

  constructor(
    readonly name: string,
    command: string,
    args: string[],
    options: { cwd?: string; env?: NodeJS.ProcessEnv; stdio?: StdioOptions } = {},
  ) {
    this.child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options });
    const keep = (chunk: Buffer) => (this.said = (this.said + chunk.toString()).slice(-20_000));
    this.child.stdout?.on('data', keep);
    this.child.stderr?.on('data', keep);
    this.child.on('error', (error) => keep(Buffer.from(`${name}: ${error.message}\n`)));
    running.add(this);
    this.child.on('exit', () => running.delete(this));
  }

  get ended(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null || this.child.pid === undefined;
  }

  /** Waits until it answers; an end before that is told with its last words. */
  async ready(answers: () => Promise<boolean> | boolean): Promise<this> {
    await soon(`${this.name} answers`, async () => {
      if (this.ended) throw new Error(`${this.name} has ended:\n${this.said}`);
      return answers();
    }, 60);
    return this;
  }

  signal(name: NodeJS.Signals): void {
    this.child.kill(name);
  }

  /** The exit code, once it has ended by itself. */
  async exit(): Promise<number | null> {
    if (!this.ended) await once(this.child, 'exit');
    running.delete(this);
    return this.child.exitCode;
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.exit();
  }
}

const running = new Set<Program>();

/** What a test that failed half-way has left running. */
export async function endPrograms(): Promise<void> {
  await Promise.all([...running].map((program) => program.kill()));
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** What tests/run.sh hands over. Without it these tests fail: they are never skipped. */
export function handed(variable: string): string {
  const value = process.env[variable];
  if (!value) throw new Error(`${variable} is not set. Run tests/run.sh page: it starts what these tests need.`);
  return value;
}
