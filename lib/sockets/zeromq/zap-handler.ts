import type { Context } from 'zeromq';
import { setImmediate } from '../../node-timers.js';
import { nameOf } from '../../security/credentials.js';
import { errorCode } from '../error-code.js';
import { type Admitter, type QuestionListener, Questions } from '../questions.js';
import { ANSWER_MS } from '../times.js';
import { zeromq } from './library.js';
import { decodeZapRequest, encodeZapReply } from './zap.js';

/** The address that libzmq asks. There can be one handler per context. */
const ZAP_ADDRESS = 'inproc://zeromq.zap.01';

/** How often a bind is tried that a signal interrupts. */
const BIND_TRIES = 10;

/** The registration of one server with the handler. */
export interface Door {
  /** The context of the handler, in which the server's sockets have to be. */
  readonly context: Context;
  /** ZMQ_ZAP_DOMAIN of the server's sockets. */
  readonly domain: string;
  /**
   * To be called when those sockets have ended, not merely been closed: until then their connections may need the handler.
   */
  leave(): void;
}

/**
 * The one ZAP handler of this process: all secured servers share it, each under a domain of its own.
 *
 * It has a ZeroMQ context of its own, in which their sockets have to be, too. In the common context there may be the handler
 * of another library or thread; and ours would be asked about foreign sockets.
 *
 * Once bound it stays bound: its address cannot be released safely (see `RouterSocket.close`). But while no server is
 * registered it receives nothing, since a pending receive would keep the process alive.
 */
export class ZapHandler {
  readonly #context = new (zeromq().Context)();
  readonly #router = new (zeromq().Router)({ context: this.#context, linger: 0, sendTimeout: 0 });
  /** Ends the pending receive when the last server has left. */
  readonly #waker = new (zeromq().Dealer)({ context: this.#context, linger: 0, sendTimeout: 0 });
  readonly #doors = new Map<string, Questions>();
  readonly #answerMs: number;
  #doorsOpened = 0;
  #bound: Promise<void> | undefined;
  #isReceiving = false;

  /** @param answerMs how long the user's function may take to decide whether a client may connect */
  constructor(answerMs = ANSWER_MS) {
    this.#answerMs = answerMs;
  }

  static #shared: ZapHandler | undefined;

  static get shared(): ZapHandler {
    return (this.#shared ??= new ZapHandler());
  }

  /** Resolves once the handler listens: a socket that is bound earlier would admit nobody. */
  async guard(admitter: Admitter, listener: QuestionListener): Promise<Door> {
    const domain = `nestjs-freelance-${++this.#doorsOpened}`;
    this.#bound ??= this.#bind();
    try {
      await this.#bound;
    } catch (error) {
      // The next server tries again.
      this.#bound = undefined;
      throw error;
    }
    this.#doors.set(domain, new Questions(admitter, listener, this.#answerMs));
    if (!this.#isReceiving) void this.#receive();
    return { context: this.#context, domain, leave: () => this.#leave(domain) };
  }

  async #bind(): Promise<void> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#router.bind(ZAP_ADDRESS);
        break;
      } catch (error) {
        if (tries >= BIND_TRIES || errorCode(error) !== 'EINTR') throw error;
      }
    }
    this.#waker.connect(ZAP_ADDRESS);
  }

  #leave(domain: string): void {
    this.#doors.delete(domain);
    if (this.#doors.size === 0) this.#waker.send('').catch(() => {});
  }

  async #receive(): Promise<void> {
    this.#isReceiving = true;
    while (this.#doors.size > 0) {
      try {
        const [asker, , ...frames] = await this.#router.receive();
        if (asker) void this.#asked(asker, frames);
      } catch {
        // Interrupted by a signal; the socket itself is never closed.
        await new Promise<void>((turned) => setImmediate(turned));
      }
    }
    this.#isReceiving = false;
  }

  async #asked(asker: Buffer, frames: readonly Buffer[]): Promise<void> {
    const request = decodeZapRequest(frames);
    // From the waker; or of a mechanism that no server has: without an answer, the handshake times out.
    if (!request) return;
    const { requestId, domain, address, credentials } = request;
    const door = this.#doors.get(domain);
    const verdict = door ? await door.ask(credentials, address) : 'failed';
    const reply = encodeZapReply(requestId, verdict, nameOf(credentials));
    // The client may have left meanwhile.
    this.#router.send([asker, '', ...reply]).catch(() => {});
  }
}
