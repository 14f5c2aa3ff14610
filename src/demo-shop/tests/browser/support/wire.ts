import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** The network between browser and server: bytes go through, until it is cut. */
export class Wire {
  private readonly sockets = new Set<Socket>();
  private state: 'whole' | 'cut' | 'silent' = 'whole';
  /** Connections that came while it was cut. */
  refused = 0;

  private constructor(
    private readonly server: Server,
    readonly url: string,
    private readonly keepable: boolean,
  ) {}

  /** `keepable`: answers lose their `no-store`, with which Chromium keeps no page in its back/forward cache. Others do. */
  static async to(target: string, { keepable = false } = {}): Promise<Wire> {
    const { hostname, port } = new URL(target);
    const server = createServer((near) => wire.join(near, hostname, Number(port))).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const wire = new Wire(server, `http://127.0.0.1:${(server.address() as { port: number }).port}`, keepable);
    return wire;
  }

  /** Everything that is open is reset, and what is new as well. */
  cut(): void {
    this.state = 'cut';
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  /** As when a phone has left its network: nothing gets through any more, and nobody is told. */
  silence(): void {
    this.state = 'silent';
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  /** New connections get through. What was open stays dead: the phone has another address now. */
  mend(): void {
    this.state = 'whole';
  }

  close(): void {
    this.cut();
    this.server.close();
  }

  private join(near: Socket, host: string, port: number): void {
    this.keep(near);
    if (this.state !== 'whole') {
      this.refused++;
      // In silence it is taken, and never answered.
      if (this.state === 'cut') near.resetAndDestroy();
      return;
    }
    const far = connect(port, host);
    this.keep(far);
    near.on('close', () => far.destroy());
    far.on('close', () => near.destroy());
    near.pipe(far);
    if (this.keepable) far.on('data', (bytes) => near.write(Buffer.from(bytes.toString('latin1').replace('no-store', 'no-cache'), 'latin1')));
    else far.pipe(near);
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.sockets.delete(socket));
  }
}
