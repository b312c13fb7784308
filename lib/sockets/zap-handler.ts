import { Context, Router } from 'zeromq';
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
   * To be called when those sockets are gone, with all their connections, which is later than `close()`: to
   * close the handler while connections end that it was asked about fails an assertion of libzmq 4.3.5
   * (pipe.cpp:355) every now and then, and with it the process.
   */
  leave(): void;
}

/**
 * The one ZAP handler of this process: all secured servers share it, each under a domain of its own.
 *
 * It has a ZeroMQ context of its own, in which their sockets must be, too. In the common context another
 * library's handler might be, or another thread's; and ours would be asked about sockets that are not ours.
 */
export class ZapHandler {
  readonly #context = new Context();
  readonly #doors = new Map<string, { doorkeeper: Doorkeeper; onRefused: () => void }>();
  /** Since when each question is open, the oldest first. */
  readonly #open = new Set<{ readonly since: number }>();
  #doorsOpened = 0;
  #router: Router | undefined;
  /** Binding and unbinding, one after the other. */
  #settled: Promise<void> = Promise.resolve();

  static #shared: ZapHandler | undefined;

  static get shared(): ZapHandler {
    return (this.#shared ??= new ZapHandler());
  }

  /** @returns once the handler listens: a socket that is bound earlier would let everybody in */
  async guard(doorkeeper: Doorkeeper, onRefused: () => void): Promise<Door> {
    const domain = `nestjs-freelance-${++this.#doorsOpened}`;
    this.#doors.set(domain, { doorkeeper, onRefused });
    await this.#settle();
    const leave = () => {
      this.#doors.delete(domain);
      void this.#settle();
    };
    return { context: this.#context, domain, leave };
  }

  /** A handler that nobody needs would keep the process alive. */
  #settle(): Promise<void> {
    this.#settled = this.#settled.then(async () => {
      if (this.#doors.size > 0 && !this.#router) {
        const router = new Router({ context: this.#context, linger: 0, sendTimeout: 0 });
        await router.bind(ZAP_ADDRESS);
        this.#router = router;
        void this.#receive(router);
      } else if (this.#doors.size === 0 && this.#router) {
        const router = this.#router;
        this.#router = undefined;
        await router.unbind(ZAP_ADDRESS);
        router.close();
      }
    });
    return this.#settled;
  }

  async #receive(router: Router): Promise<void> {
    try {
      while (!router.closed) {
        const [asker, , ...frames] = await router.receive();
        if (asker) void this.#asked(router, asker, frames);
      }
    } catch (error) {
      // A pending receive ends with an error when the socket is closed: that is how the loop stops.
      if (!router.closed) throw error;
    }
  }

  async #asked(router: Router, asker: Buffer, frames: readonly Buffer[]): Promise<void> {
    const request = decodeZapRequest(frames);
    // Of a mechanism that no server has asked for: unanswered, the handshake ends in time.
    if (!request) return;
    const { requestId, domain, address, credentials } = request;
    const door = this.#doors.get(domain);
    const question = this.#ask();
    const verdict = door && question ? await door.doorkeeper.admit(credentials, address) : 'failed';
    if (question) this.#open.delete(question);
    if (verdict !== 'admitted') door?.onRefused();
    const reply = encodeZapReply(requestId, verdict, nameOf(credentials));
    // The client may have left meanwhile, and the handler with the last server.
    if (!router.closed) router.send([asker, '', ...reply]).catch(() => {});
  }

  /** Undefined if too many are open. Those whose clients wait no longer do not count. */
  #ask(): { readonly since: number } | undefined {
    const now = performance.now();
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
