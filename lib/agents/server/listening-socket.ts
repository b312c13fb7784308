import type {
  ServerListener,
  ServerSocket,
  SocketPort,
  Traffic,
} from '../../sockets/socket-port.js';
import { NO_TRAFFIC } from '../../sockets/traffic-total.js';
import type { ServerStats } from './server-stats.js';

/** The socket of a server, from bind until its addresses are free again. It may be closed while it binds. */
export class ListeningSocket {
  readonly #sockets: SocketPort;
  readonly #onFreed: (endpoints: readonly string[]) => void;
  #socket: ServerSocket | undefined;
  /** Of the socket that was closed. */
  #lastTraffic = NO_TRAFFIC;
  #isBinding = false;
  #isClosed = false;

  /** @param onFreed called once, after the close; gets the addresses at which it listened: none if closed before it did */
  constructor(sockets: SocketPort, onFreed: (endpoints: readonly string[]) => void) {
    this.#sockets = sockets;
    this.#onFreed = onFreed;
  }

  get isOpen(): boolean {
    return this.#socket !== undefined;
  }

  /** The addresses that were bound, with the ports that `*` stood for; empty before. */
  get endpoints(): readonly string[] {
    return this.#socket?.endpoints ?? [];
  }

  stats(): Pick<ServerStats, 'bytesSent' | 'bytesReceived'> {
    const { sent, received } = this.#traffic;
    return { bytesSent: sent, bytesReceived: received };
  }

  unwrap(): unknown {
    return this.#socket?.unwrap();
  }

  /** @throws if an address cannot be bound, which its message names, or if closed meanwhile */
  async bind(addresses: readonly string[], listener: ServerListener): Promise<void> {
    let socket: ServerSocket | undefined;
    this.#isBinding = true;
    try {
      socket = await this.#sockets.bind(addresses, listener);
    } finally {
      this.#isBinding = false;
      if (this.#isClosed) this.#release(socket, []);
    }
    if (this.#isClosed) throw new Error('the server was closed before it listened');
    this.#socket = socket;
  }

  close(): void {
    this.#isClosed = true;
    this.#lastTraffic = this.#traffic;
    const socket = this.#socket;
    const endpoints = [...this.endpoints];
    this.#socket = undefined;
    if (!this.#isBinding) this.#release(socket, endpoints);
  }

  get #traffic(): Traffic {
    return this.#socket?.traffic() ?? this.#lastTraffic;
  }

  #release(socket: ServerSocket | undefined, endpoints: readonly string[]): void {
    const freed = () => this.#onFreed(endpoints);
    if (socket) socket.close(freed);
    else freed();
  }
}
