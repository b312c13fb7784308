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
} from '../socket-port.js';
import { deliver } from '../deliver.js';
import { reasonOf } from '../reason-of.js';
import type { SocketOptions } from '../socket-options.js';
import { CLIENT_LINGER_MS } from '../times.js';
import { TurnBudget } from './turn-budget.js';
import { sendNow } from './send-now.js';
import { whatListens } from './what-listens.js';
import { whyHandshakeFailed } from './why-handshake-failed.js';

/** How long a server may take for its handshake before it is looked at, in ms. */
const SILENCE_MS = 500;

/** Messages that may wait at a client over `inproc://`, which nothing resets: libzmq's default. */
const INPROC_QUEUE = 1000;

export class DealerConnection implements Connection {
  readonly #dealer: Dealer;
  readonly #listener: ConnectionListener;
  readonly #credentials: ClientCredentials | undefined;
  #isOpen = true;
  #received = 0;
  readonly #turnBudget = new TurnBudget();
  /** Calls off the look at a server that is silent before its handshake. */
  #cancelLook = () => {};
  #isReady = false;
  /** The handshake has failed, and it is being found out why. */
  #hasFailed = false;

  /**
   * @param endpoint whose key the server has
   * @param address the same, or with an IP address for its name
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
      // A send to nobody fails, instead of waiting for a server that comes back and runs it then.
      immediate: true,
      // With no time to wait a send is settled at once, so that two never overlap (EBUSY).
      sendTimeout: 0,
      // The agent bounds its open calls; a second bound here would refuse bursts that it accepted.
      sendHighWaterMark: 0,
      /*
       * A receive queue that is full, a reset, and a ZMTP heartbeat, of ours or of the server, end in an assertion of libzmq, and
       * the process with it (`!_io_error`, stream_engine_base.cpp:310). So no heartbeats, which the protocol's PING makes
       * superfluous, and a queue that is never full: what a server may send is bounded by the open calls and their credit.
       */
      receiveHighWaterMark: isInproc(address) ? INPROC_QUEUE : 0,
      linger: CLIENT_LINGER_MS,
      // The agent decides when to try again, with a back-off of its own.
      reconnectInterval: -1,
      handshakeInterval: 0,
    });
    /*
     * libzmq's monitor does not report inproc connections. And libzmq takes a socket that waits for a name to be bound apart
     * only then: until then its monitor would keep the process from ending, though all is closed.
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
    // They are there from the start.
    if (isInproc(address)) asMicrotask(() => this.#isOpen && listener.onReady());
    void this.#receive();
  }

  send(frames: OutgoingSocketFrames, onUndelivered?: () => void): void {
    sendNow(this.#dealer, [...frames], onUndelivered);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#cancelLook();
    this.#dealer.close();
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

  /** Nothing has come of it for a while: perhaps because nothing can. */
  async #lookAt(address: string): Promise<void> {
    const finding = await whatListens(address);
    // Whatever was found, it may have answered meanwhile.
    if (finding && !this.#isReady && !this.#hasFailed) this.#lost(finding.reason);
  }

  async #receive(): Promise<void> {
    try {
      while (this.#isOpen) {
        const frames = await this.#dealer.receive();
        this.#received++;
        if (this.#isOpen) deliver(() => this.#listener.onMessage(frames));
        if (this.#turnBudget.isDue) await this.#turnBudget.take();
      }
    } catch (error) {
      this.#lost(reasonOf(error));
    }
  }

  /**
   * Answers that came before the end may still be in the socket: they are heard first, until a whole
   * turn of the event loop brings none. (To ask `readable` would be shorter, but it takes the signal
   * away from the pending receive: ZeroMQ's file descriptor is edge-triggered.)
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
