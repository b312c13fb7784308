import {
  ClientProxy,
  type CustomTransportStrategy,
  type ReadPacket,
  Server,
  type WritePacket,
} from '@nestjs/microservices';
import { nestClient } from './nest-client.js';
import { nestServer } from './nest-server.js';
import type { Client } from './subject.js';

/**
 * Nest's own way from `send` to the handler and back, and no transport between: the client hands each
 * packet to the server beside it. No transport of Nest can cost less.
 */
class PipelineServer extends Server implements CustomTransportStrategy {
  listen(callback: () => void): void {
    callback();
  }

  close(): void {}

  on(): void {}

  unwrap<T>(): T {
    throw new Error('there is nothing to unwrap');
  }

  async handle({ pattern, data }: ReadPacket, respond: (packet: WritePacket) => void) {
    const handler = this.getHandlerByPattern(pattern);
    if (!handler) throw new Error(`nobody handles ${pattern}`);
    this.send(this.transformToObservable(await handler(data)), respond);
  }
}

class PipelineClient extends ClientProxy {
  readonly #server: PipelineServer;

  constructor(server: PipelineServer) {
    super();
    this.#server = server;
  }

  connect(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {}

  unwrap<T>(): T {
    throw new Error('there is nothing to unwrap');
  }

  protected publish(packet: ReadPacket, callback: (packet: WritePacket) => void): () => void {
    // In a turn of its own, as what comes from a socket: otherwise the event loop would never turn.
    setImmediate(() => {
      this.#server.handle(packet, callback).catch((err: unknown) => callback({ err }));
    });
    return () => {};
  }

  protected dispatchEvent<T>(): Promise<T> {
    return Promise.reject(new Error('events are not measured without a transport'));
  }
}

export function serve(): Promise<string> {
  return Promise.resolve('');
}

export async function connect(): Promise<Client> {
  const strategy = new PipelineServer();
  await nestServer({ strategy });
  return nestClient(new PipelineClient(strategy));
}
