import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Lane } from './lane.js';
import { clear, type Weather } from './weather.js';

/**
 * A TCP link to a server, made by a proxy. It differs from a network in one way: a connection made in the dark is accepted,
 * though nothing passes.
 */
export class Link implements AsyncDisposable {
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #weather = clear;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param port of the server that it leads to, on this machine */
  static async to(port: number): Promise<Link> {
    const server = createServer({ noDelay: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const link = new Link(server);
    server.on('connection', (client) => link.#connect(client, port));
    return link;
  }

  get endpoint(): string {
    return `tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  become(weather: Weather): void {
    this.#weather = weather;
    for (const pair of this.#pairs) pair.become(weather);
  }

  /** Drops the present connections without telling either side. New ones can be made. */
  vanish(): void {
    for (const pair of this.#pairs) pair.abandon();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const pair of this.#pairs) pair.destroy();
    await once(this.#server, 'close');
  }

  #connect(client: Socket, port: number): void {
    const pair = new Pair(
      client,
      connect({ port, host: '127.0.0.1', noDelay: true }),
      this.#weather,
    );
    this.#pairs.add(pair);
    pair.whenOver(() => this.#pairs.delete(pair));
  }
}

/** A connection from a client to the link, and its counterpart from the link to the server. */
class Pair {
  readonly #toServer: Lane;
  readonly #toClient: Lane;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    { toServer, toClient }: Weather,
  ) {
    // A refused or reset connection also emits `close`, which is handled.
    for (const socket of [client, server]) socket.on('error', () => {});
    this.#toServer = new Lane(client, server, toServer);
    this.#toClient = new Lane(server, client, toClient);
  }

  become({ toServer, toClient }: Weather): void {
    this.#toServer.become(toServer);
    this.#toClient.become(toClient);
  }

  abandon(): void {
    this.#toServer.abandon();
    this.#toClient.abandon();
  }

  destroy(): void {
    this.abandon();
    this.client.destroy();
    this.server.destroy();
  }

  whenOver(tell: () => void): void {
    let left = 2;
    for (const socket of [this.client, this.server]) {
      socket.once('close', () => {
        if (--left === 0) tell();
      });
    }
  }
}
