import { inNobodysContext } from '../async-context.js';
import { asMicrotask } from '../node-timers.js';
import { reasonOf } from './reason-of.js';
import type {
  Batch,
  Connection,
  ConnectionListener,
  OutgoingSocketFrames,
  ServerListener,
  ServerSocket,
  SocketPort,
  Traffic,
} from './socket-port.js';
import { NO_TRAFFIC } from './traffic-total.js';

/** Sockets of an engine that is loaded when the first socket is opened. */
export class DeferredSockets implements SocketPort {
  readonly #load: () => Promise<SocketPort>;
  #loading: Promise<SocketPort> | undefined;
  #loaded: SocketPort | undefined;

  /**
   * @param load loads the engine; called again for the next socket if it fails
   * @param firstBatch of that engine
   */
  constructor(
    load: () => Promise<SocketPort>,
    readonly firstBatch?: Batch,
  ) {
    this.#load = load;
  }

  connect(endpoint: string, listener: ConnectionListener): Connection {
    if (this.#loaded) return this.#loaded.connect(endpoint, listener);
    return new DeferredConnection(this.#sockets(), endpoint, listener);
  }

  async bind(addresses: readonly string[], listener: ServerListener): Promise<ServerSocket> {
    return (await this.#sockets()).bind(addresses, listener);
  }

  #sockets(): Promise<SocketPort> {
    this.#loading ??= inNobodysContext(this.#load).then(
      (sockets) => (this.#loaded = sockets),
      (error: unknown) => {
        this.#loading = undefined;
        throw error;
      },
    );
    return this.#loading;
  }
}

/** A connection whose engine is being loaded. Nothing can be sent before, since nobody was told that it is ready. */
class DeferredConnection implements Connection {
  #connection: Connection | undefined;
  #isOpen = true;

  constructor(sockets: Promise<SocketPort>, endpoint: string, listener: ConnectionListener) {
    sockets.then(
      (loaded) => {
        if (this.#isOpen) this.#connection = loaded.connect(endpoint, listener);
      },
      (error: unknown) => {
        if (this.#isOpen) listener.onLost(reasonOf(error));
      },
    );
  }

  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    if (this.#connection) this.#connection.send(frames, onUndelivered);
    else if (onUndelivered) asMicrotask(onUndelivered);
  }

  close(): void {
    this.#isOpen = false;
    this.#connection?.close();
  }

  traffic(): Traffic {
    return this.#connection?.traffic() ?? NO_TRAFFIC;
  }

  unwrap(): unknown {
    return this.#connection?.unwrap();
  }
}
