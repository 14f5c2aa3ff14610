import { connect } from 'node:net';
import { freePort, handed, Program } from './program.js';

/** A Redis of a test's own, to be killed. */
export async function startRedis(): Promise<{ address: string; program: Program; alive: () => Promise<boolean> }> {
  const port = await freePort();
  const address = `127.0.0.1:${port}`;
  const program = new Program('redis', handed('LONGPOLL_TEST_REDIS_BIN'), ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no']);
  const alive = async () => (await ask(address, 'PING')).startsWith('+PONG');
  await program.ready(alive);
  return { address, program, alive };
}

/** Does a server hold requests for this order? Then it has subscribed; when the last page has gone, it has no longer. */
export async function isHeld(orderId: string, address = handed('LONGPOLL_TEST_REDIS')): Promise<boolean> {
  return (await ask(address, `PUBSUB NUMSUB order:status:${orderId}`)).endsWith(':1\r\n');
}

/** The answer as it is on the wire; empty when there is none. */
function ask(address: string, command: string): Promise<string> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect(Number(port), host, () => socket.write(`${command}\r\n`));
    socket.on('data', (answer) => {
      resolve(answer.toString());
      socket.destroy();
    });
    socket.on('error', () => resolve(''));
    socket.on('close', () => resolve(''));
  });
}
