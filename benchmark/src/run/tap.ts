import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { Wire } from './reading.js';

const HOST = '127.0.0.1';

/** A proxy between a client and a server that forwards and counts bytes. */
export class Tap {
  readonly #sockets = new Set<Socket>();
  readonly #server = createServer((client) => this.#pipe(client));
  readonly #target: number;
  #bytes = 0;
  #startedAt = 0;

  /** @param target the server's address, like tcp://127.0.0.1:5555 */
  constructor(target: string) {
    this.#target = Number(new URL(target).port);
  }

  /** @returns the address for the client */
  async listen(): Promise<string> {
    await once(this.#server.listen(0, HOST), 'listening');
    return `tcp://${HOST}:${(this.#server.address() as AddressInfo).port}`;
  }

  mark(): void {
    this.#bytes = 0;
    this.#startedAt = performance.now();
  }

  read(): Wire {
    return { bytes: this.#bytes, seconds: (performance.now() - this.#startedAt) / 1000 };
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #pipe(client: Socket): void {
    const server = connect(this.#target, HOST);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('data', (chunk) => (this.#bytes += chunk.length));
      from.pipe(to);
      // The processes at both ends report the error.
      from.on('error', () => to.destroy());
      from.on('close', () => this.#sockets.delete(from));
    }
  }
}
