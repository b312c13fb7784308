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
 * Nest's own path from `send` to the handler and back, without a transport: the client passes each packet to the server in
 * the same process. No Nest transport can cost less.
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
    if (!handler) throw new Error(`no handler for ${pattern}`);
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
    // In a turn of its own, as data from a socket would arrive; otherwise the event loop would never advance.
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
