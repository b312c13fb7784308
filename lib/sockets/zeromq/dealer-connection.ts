import type { Dealer } from 'zeromq';
import { asMicrotask, setImmediate } from '../../node-timers.js';
import type { ClientCredentials } from '../../security/client-credentials.js';
import { zeromq } from './library.js';
import { monitor } from './monitor.js';
import { isInproc, isIpv6 } from '../address.js';
import { nodeClock } from '../clock.js';
import { dealerSecurity } from './security-options.js';
import type {
  Connection,
  ConnectionListener,
  LossCause,
  OutgoingSocketFrames,
  Traffic,
} from '../socket-port.js';
import { bytesOf, TrafficTotal } from '../traffic-total.js';
import { deliver } from '../deliver.js';
import { reasonOf } from '../reason-of.js';
import type { SocketOptions } from '../socket-options.js';
import { CLIENT_LINGER_MS } from '../times.js';
import { TurnBudget } from './turn-budget.js';
import { sendNow } from './send-now.js';
import { whatListens } from './what-listens.js';
import { whyHandshakeFailed } from './why-handshake-failed.js';

/** How long a handshake may take before the server's address is probed for other protocols, in ms. */
const SILENCE_MS = 500;

/** How many messages may wait at a client over `inproc://`, where no reset occurs: libzmq's default. */
const INPROC_QUEUE = 1000;

export class DealerConnection implements Connection {
  readonly #dealer: Dealer;
  readonly #listener: ConnectionListener;
  readonly #credentials: ClientCredentials | undefined;
  #isOpen = true;
  #received = 0;
  readonly #traffic = new TrafficTotal();
  readonly #turnBudget = new TurnBudget();
  /** Cancels the probe of a server that does not complete its handshake. */
  #cancelLook = () => {};
  #isReady = false;
  /** The handshake has failed, and the reason is being found out. */
  #hasFailed = false;

  /**
   * @param endpoint as the user gave it: the server's key belongs to it
   * @param address the same, or with an IP address instead of its name
   */
  constructor(
    endpoint: string,
    address: string,
    listener: ConnectionListener,
    { maxMessageSize }: SocketOptions,
    credentials: ClientCredentials | undefined,
  ) {
    this.#listener = listener;
    this.#credentials = credentials;
    this.#dealer = new (zeromq().Dealer)({
      maxMessageSize,
      ipv6: isIpv6(address),
      // A message to a server that is gone fails, instead of waiting until it comes back.
      immediate: true,
      // Sends settle at once, so that two never overlap (EBUSY).
      sendTimeout: 0,
      // The agent bounds its open calls; a second bound here would refuse bursts that it has accepted.
      sendHighWaterMark: 0,
      /*
       * A full receive queue, a reset and a ZMTP heartbeat of either side together fail an assertion of libzmq, and end the
       * process (`!_io_error`, stream_engine_base.cpp:310). So there are no heartbeats, which the protocol's PING makes
       * superfluous, and no limit of the queue: open calls and their credit bound what a server may send.
       */
      receiveHighWaterMark: isInproc(address) ? INPROC_QUEUE : 0,
      linger: CLIENT_LINGER_MS,
      // The agent reconnects, with its own back-off.
      reconnectInterval: -1,
      handshakeInterval: 0,
    });
    /*
     * libzmq's monitor does not report inproc connections. And libzmq destroys a socket that waits for an inproc name only once
     * that is bound: until then the monitor would keep the process alive, although everything is closed.
     */
    if (!isInproc(address)) this.#watch(address);
    if (address.startsWith('tcp://')) {
      this.#cancelLook = nodeClock.after(SILENCE_MS, () => void this.#lookAt(address));
    }
    try {
      if (credentials) Object.assign(this.#dealer, dealerSecurity(credentials.for(endpoint)));
      this.#dealer.connect(address);
    } catch (error) {
      asMicrotask(() => this.#lost(reasonOf(error)));
      return;
    }
    // Such a connection exists from the start.
    if (isInproc(address)) asMicrotask(() => this.#isOpen && listener.onReady());
    void this.#receive();
  }

  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    this.#traffic.sent += bytesOf(frames);
    sendNow(this.#dealer, [...frames], onUndelivered);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#cancelLook();
    this.#dealer.close();
  }

  /** What was given to libzmq, also what did not leave. */
  traffic(): Traffic {
    return this.#traffic.snapshot();
  }

  unwrap(): Dealer {
    return this.#dealer;
  }

  #watch(address: string): void {
    const events = monitor(this.#dealer);
    events.on('handshake', () => {
      this.#cancelLook();
      this.#isReady = true;
      if (this.#isOpen) this.#listener.onReady();
    });
    events.on('disconnect', () => {
      if (!this.#hasFailed) void this.#lostAfterLastWords('the connection was closed');
    });
    events.on('close', () => this.#lost('the connection was refused'));
    const failed = ({ error }: { error: Error }) => void this.#handshakeFailed(address, error);
    events.on('handshake:error:protocol', failed);
    events.on('handshake:error:auth', failed);
    events.on('handshake:error:other', failed);
  }

  async #handshakeFailed(address: string, error: Error): Promise<void> {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    const { reason, cause } = whyHandshakeFailed(error, this.#credentials);
    const finding = cause === 'unexplained' ? await whatListens(address) : undefined;
    if (finding) this.#lost(finding.reason);
    else this.#lost(reason, cause);
  }

  /** The handshake has taken long: perhaps something else listens there. */
  async #lookAt(address: string): Promise<void> {
    const finding = await whatListens(address);
    // The server may have completed the handshake meanwhile.
    if (finding && !this.#isReady && !this.#hasFailed) this.#lost(finding.reason);
  }

  async #receive(): Promise<void> {
    try {
      while (this.#isOpen) {
        const frames = await this.#dealer.receive();
        this.#received++;
        this.#traffic.received += bytesOf(frames);
        if (this.#isOpen) deliver(() => this.#listener.onMessage(frames));
        if (this.#turnBudget.isDue) await this.#turnBudget.take();
      }
    } catch (error) {
      this.#lost(reasonOf(error));
    }
  }

  /**
   * Replies that came before the end may still be in the socket: they are delivered first, until a whole turn of the event loop
   * brings none. (Reading `readable` would be shorter, but would take the signal away from the pending receive: ZeroMQ's file
   * descriptor is edge-triggered.)
   */
  async #lostAfterLastWords(reason: string): Promise<void> {
    let before: number;
    do {
      before = this.#received;
      await new Promise<void>((turned) => setImmediate(turned));
    } while (this.#received > before || this.#turnBudget.isTaken);
    this.#lost(reason);
  }

  #lost(reason: string, cause?: LossCause): void {
    if (!this.#isOpen) return;
    this.close();
    this.#listener.onLost(reason, cause);
  }
}
