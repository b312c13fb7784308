import { Context, Dealer, Router } from 'zeromq';
import { monotonicNow } from '../node-timers.js';
import type { Doorkeeper } from '../security/doorkeeper.js';
import { decodeZapRequest, encodeZapReply, nameOf } from '../security/zap.js';

/** Where libzmq asks. There can be one handler in a context. */
const ZAP_ADDRESS = 'inproc://zeromq.zap.01';

/** A handshake that takes longer is over: libzmq ends it (`SERVER_HANDSHAKE_MS`). In ms. */
const PATIENCE_MS = 5000;

/** Questions that may be open at once; the clients of further ones are told to come back later. */
const MOST_OPEN = 1024;

/** A door of this process, which the handler guards for one server. */
export interface Door {
  /** The context of the handler, in which the sockets behind the door have to be. */
  readonly context: Context;
  /** ZMQ_ZAP_DOMAIN of the sockets behind it. */
  readonly domain: string;
  /**
   * To be called when those sockets have ended, and not only been closed: for their connections to end, the
   * handler has to receive.
   */
  leave(): void;
}

/**
 * The one ZAP handler of this process: all secured servers share it, each under a domain of its own.
 *
 * It has a ZeroMQ context of its own, in which their sockets must be, too. In the common context another
 * library's handler might be, or another thread's; and ours would be asked about sockets that are not ours.
 *
 * Once it is bound it stays so: its address cannot be given up safely, as `RouterSocket.close` tells. But while
 * there are no doors it receives nothing, for that would keep the process alive.
 */
export class ZapHandler {
  readonly #context = new Context();
  readonly #router = new Router({ context: this.#context, linger: 0, sendTimeout: 0 });
  /** Ends the receive that is pending when the last door is left. */
  readonly #waker = new Dealer({ context: this.#context, linger: 0, sendTimeout: 0 });
  readonly #doors = new Map<string, { doorkeeper: Doorkeeper; onRefused: () => void }>();
  /** Since when each question is open, the oldest first. */
  readonly #open = new Set<{ readonly since: number }>();
  #doorsOpened = 0;
  #bound: Promise<void> | undefined;
  #isReceiving = false;

  static #shared: ZapHandler | undefined;

  static get shared(): ZapHandler {
    return (this.#shared ??= new ZapHandler());
  }

  /** @returns once the handler listens: a socket that is bound earlier would let nobody in */
  async guard(doorkeeper: Doorkeeper, onRefused: () => void): Promise<Door> {
    const domain = `nestjs-freelance-${++this.#doorsOpened}`;
    this.#bound ??= this.#bind();
    await this.#bound;
    this.#doors.set(domain, { doorkeeper, onRefused });
    if (!this.#isReceiving) void this.#receive();
    return { context: this.#context, domain, leave: () => this.#leave(domain) };
  }

  async #bind(): Promise<void> {
    await this.#router.bind(ZAP_ADDRESS);
    this.#waker.connect(ZAP_ADDRESS);
  }

  #leave(domain: string): void {
    this.#doors.delete(domain);
    if (this.#doors.size === 0) this.#waker.send('').catch(() => {});
  }

  async #receive(): Promise<void> {
    this.#isReceiving = true;
    while (this.#doors.size > 0) {
      const [asker, , ...frames] = await this.#router.receive();
      if (asker) void this.#asked(asker, frames);
    }
    this.#isReceiving = false;
  }

  async #asked(asker: Buffer, frames: readonly Buffer[]): Promise<void> {
    const request = decodeZapRequest(frames);
    // The waker's; or of a mechanism that no server has: unanswered, the handshake ends in time.
    if (!request) return;
    const { requestId, domain, address, credentials } = request;
    const door = this.#doors.get(domain);
    const question = this.#ask();
    const verdict = door && question ? await door.doorkeeper.admit(credentials, address) : 'failed';
    if (question) this.#open.delete(question);
    if (verdict !== 'admitted') door?.onRefused();
    const reply = encodeZapReply(requestId, verdict, nameOf(credentials));
    // The client may have left meanwhile.
    this.#router.send([asker, '', ...reply]).catch(() => {});
  }

  /** Undefined if too many are open. Those whose clients wait no longer do not count. */
  #ask(): { readonly since: number } | undefined {
    const now = monotonicNow();
    for (const question of this.#open) {
      if (now - question.since < PATIENCE_MS) break;
      this.#open.delete(question);
    }
    if (this.#open.size >= MOST_OPEN) return undefined;
    const question = { since: now };
    this.#open.add(question);
    return question;
  }
}
