import type { Frame } from '../../frame.js';
import type { NetConnectOpts, Socket } from 'node:net';
import { asMicrotask } from '../../node-timers.js';
import type { ClientCredentials } from '../../security/client-credentials.js';
import { hostOf } from '../address.js';
import { LOOKUP_MS, type Resolution, resolver } from '../resolver.js';
import type {
  Connection,
  ConnectionListener,
  LossCause,
  OutgoingSocketFrames,
  Traffic,
} from '../socket-port.js';
import { NO_TRAFFIC } from '../traffic-total.js';
import type { CurveCrypto } from '../../zmtp/curve-crypto.js';
import type { ChannelEnd } from './channel-options.js';
import { ClientAttempt } from './client-attempt.js';
import { clientMechanism } from './client-mechanism.js';
import { nodeClock } from '../clock.js';
import { Dialler } from './dialler.js';
import { interleaved } from './address-order.js';
import { placeOf, whyNoPath } from './place.js';
import { secured, type TlsClientListener } from './tls-client.js';
import { whyDialFailed, whyHandshakeFailed, whyLost } from './why-lost.js';

/**
 * How much may wait to be sent to a server, in bytes. The agent bounds its open calls; a second bound that is reached earlier
 * would refuse bursts that the agent has accepted.
 */
const MOST_QUEUED_BYTES = 512 * 1024 * 1024;

/** One of the addresses that an endpoint stands for. */
interface Target {
  /** For people. */
  readonly name: string;
  readonly options: NetConnectOpts;
}

export interface ClientConnectionOptions {
  readonly maxMessageSize: number;
  readonly credentials: ClientCredentials | undefined;
  /** For CURVE. */
  readonly crypto: CurveCrypto | undefined;
  /** How long a look-up may take, and a silent peer where there are other addresses, in ms. */
  readonly patienceMs: number;
}

/** A client's connection to one server: resolves its name, tries the addresses, and keeps the first that completes a handshake. */
export class ClientConnection implements Connection {
  readonly #listener: ConnectionListener;
  readonly #options: ClientConnectionOptions;
  readonly #endpoint: string;
  #cancel = () => {};
  #attempt: ClientAttempt | undefined;
  #isOpen = true;

  constructor(endpoint: string, listener: ConnectionListener, options: ClientConnectionOptions) {
    this.#endpoint = endpoint;
    this.#listener = listener;
    this.#options = options;
    const place = placeOf(endpoint);
    if (place.scheme === 'ipc') {
      const { path } = place;
      const flaw = whyNoPath(path);
      asMicrotask(() => {
        if (flaw !== undefined) this.#lost(flaw);
        else if (this.#isOpen) this.#dial([{ name: path, options: { path } }]);
      });
      return;
    }
    const { host, port } = place;
    this.#cancel = resolver.resolve(host, Math.min(LOOKUP_MS, options.patienceMs), (resolution) =>
      this.#resolved(resolution, port),
    );
  }

  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    const isTaken = this.#isOpen && this.#attempt?.channel?.send(frames);
    if (!isTaken && onUndelivered) asMicrotask(onUndelivered);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    if (this.#attempt) this.#attempt.channel?.close();
    else this.#cancel();
  }

  traffic(): Traffic {
    return this.#attempt?.channel?.traffic ?? NO_TRAFFIC;
  }

  /** Undefined until there is a connection. */
  unwrap(): Socket | undefined {
    return this.#attempt?.socket;
  }

  #resolved(resolution: Resolution, port: number): void {
    if ('reason' in resolution) return this.#lost(resolution.reason);
    const targets = interleaved(resolution.addresses).map(({ address, family }) => ({
      name: address,
      options: { host: address, port, family },
    }));
    this.#dial(targets);
  }

  #dial(targets: readonly Target[]): void {
    const { credentials, crypto, maxMessageSize } = this.#options;
    const attemptOptions = {
      maxMessageSize,
      mostQueuedBytes: MOST_QUEUED_BYTES,
      mechanism: () => clientMechanism(credentials?.for(this.#endpoint), crypto),
      isAsked: credentials !== undefined,
      secure: credentials?.mechanism === 'tls' ? this.#secure(credentials) : undefined,
      why: (end: ChannelEnd) => whyHandshakeFailed(end, credentials),
    };
    const owner = {
      onMessage: (frames: Frame[]) => this.#listener.onMessage(frames),
      onEnded: (end: ChannelEnd) => this.#lost(whyLost(end)),
    };
    const dialler = new Dialler<Target, ClientAttempt>(
      targets,
      nodeClock,
      this.#options.patienceMs,
      {
        open: (target, listener) =>
          new ClientAttempt(target.options, attemptOptions, listener, owner),
        onReady: (attempt) => {
          this.#attempt = attempt;
          this.#listener.onReady();
        },
        onFailed: (failures) => {
          const { reason, cause } = whyDialFailed(
            failures.map(({ address, failure }) => ({ name: address.name, failure })),
          );
          this.#lost(reason, cause);
        },
      },
    );
    this.#cancel = () => dialler.stop();
    dialler.start();
  }

  #secure(credentials: ClientCredentials) {
    return (socket: Socket, listener: TlsClientListener): Socket => {
      const shown = credentials.for(this.#endpoint);
      if (shown.mechanism !== 'tls') return socket;
      return secured(socket, hostOf(this.#endpoint), shown, listener);
    };
  }

  #lost(reason: string, cause?: LossCause): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#listener.onLost(reason, cause);
  }
}
