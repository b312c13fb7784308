import type { Clock } from '../../agents/clock.js';
import type { Hello } from '../../protocol/hello.js';
import { isMalformed } from '../../protocol/malformed.js';
import type { Frames, Pong } from '../../protocol/messages.js';
import { isPack } from '../../protocol/pack.js';
import { decodeServerMessage, encodeClientMessage } from '../../protocol/plain-frames.js';
import type { Connection, SocketPort } from '../../sockets/socket-port.js';

export interface PingerOptions {
  readonly endpoint: string;
  /** How many PINGs; `Infinity` until `stop`. */
  readonly count: number;
  /** From one PING to the next, in ms. One that takes longer delays the next. */
  readonly intervalMs: number;
  /** How long one may take, connecting included, in ms. */
  readonly timeoutMs: number;
  /** What the client says of itself. */
  readonly hello: Hello;
}

export interface PingerDeps {
  readonly sockets: SocketPort;
  readonly clock: Clock;
}

/** What became of one PING. */
export type PingOutcome =
  | {
      readonly type: 'answered';
      /** From the PING to its PONG. */
      readonly ms: number;
      /** How long connecting took, in ms, if this PING had to. */
      readonly connectMs: number | undefined;
      readonly pong: Pong;
    }
  | { readonly type: 'failed'; readonly reason: string };

export interface PingerListener {
  settled(sequence: number, outcome: PingOutcome): void;
  /** All PINGs are settled. */
  done(): void;
}

/** The PING that is out. */
interface Open {
  readonly sequence: number;
  readonly startedAt: number;
  connectMs: number | undefined;
  /** Undefined while there is no connection to send it by. */
  sentAt: number | undefined;
  readonly cancelTimeout: () => void;
}

/**
 * PINGs one server, one PING after the other, in the negotiated dialect: the PONG shows which dialect the server speaks. There
 * is one at a time, and one without an answer takes its connection with it. So a PONG can be that of no other PING, which a
 * server of the basic dialect could not tell.
 */
export class Pinger {
  readonly #options: PingerOptions;
  readonly #deps: PingerDeps;
  readonly #listener: PingerListener;
  #connection: Connection | undefined;
  #isReady = false;
  #sequence = 0;
  #open: Open | undefined;
  #cancelNext: () => void = () => {};

  constructor(options: PingerOptions, deps: PingerDeps, listener: PingerListener) {
    this.#options = options;
    this.#deps = deps;
    this.#listener = listener;
  }

  /** Sends the first PING. To be called once. */
  start(): void {
    this.#next();
  }

  /** Ends, without waiting for the PING that is out. The listener hears nothing more. */
  stop(): void {
    this.#cancelNext();
    this.#open?.cancelTimeout();
    this.#open = undefined;
    this.#hangUp();
  }

  #next(): void {
    const { clock } = this.#deps;
    const { timeoutMs } = this.#options;
    this.#open = {
      sequence: ++this.#sequence,
      startedAt: clock.now(),
      connectMs: undefined,
      sentAt: undefined,
      cancelTimeout: clock.after(timeoutMs, () => this.#timedOut()),
    };
    if (this.#isReady) this.#send(this.#open);
    else this.#connect();
  }

  #connect(): void {
    this.#connection = this.#deps.sockets.connect(this.#options.endpoint, {
      onReady: () => this.#ready(),
      onMessage: (frames) => this.#heard(frames),
      onLost: (reason) => this.#lost(reason),
    });
  }

  #ready(): void {
    this.#isReady = true;
    if (!this.#open) return;
    this.#open.connectMs = this.#deps.clock.now() - this.#open.startedAt;
    this.#send(this.#open);
  }

  #send(open: Open): void {
    const { hello } = this.#options;
    const now = this.#deps.clock.now();
    open.sentAt = now;
    const id = String(open.sequence);
    const ping = { type: 'ping', dialect: 'negotiated', id, time: now.toFixed(3), hello } as const;
    this.#connection?.send(encodeClientMessage(ping), () => this.#lost(UNDELIVERED));
  }

  #heard(frames: Frames): void {
    // A PING gets no PACK.
    if (isPack(frames)) return;
    const message = decodeServerMessage(frames);
    if (isMalformed(message)) return this.#failed(`it sent no PONG (${message.reason})`);
    if (message.type === 'denied') return this.#failed(DENIED);
    const open = this.#open;
    if (message.type !== 'pong' || open?.sentAt === undefined) return;
    // Servers repeat their latest PONG at times.
    if ('id' in message && message.id !== String(open.sequence)) return;
    const ms = this.#deps.clock.now() - open.sentAt;
    this.#settled({ type: 'answered', ms, connectMs: open.connectMs, pong: message });
  }

  #lost(reason: string): void {
    this.#hangUp();
    this.#settled({ type: 'failed', reason });
  }

  #timedOut(): void {
    const within = `within ${this.#options.timeoutMs} ms`;
    this.#failed(
      this.#isReady
        ? `connected, but no PONG ${within}: it stands still, or is no server of this protocol`
        : `not connected ${within}`,
    );
  }

  #failed(reason: string): void {
    this.#hangUp();
    this.#settled({ type: 'failed', reason });
  }

  #settled(outcome: PingOutcome): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    open.cancelTimeout();
    const { clock } = this.#deps;
    const { count, intervalMs } = this.#options;
    if (open.sequence < count) {
      const wait = Math.max(open.startedAt + intervalMs - clock.now(), 0);
      this.#cancelNext = clock.after(wait, () => this.#next());
    } else {
      this.#hangUp();
    }
    this.#listener.settled(open.sequence, outcome);
    if (open.sequence >= count) this.#listener.done();
  }

  #hangUp(): void {
    this.#isReady = false;
    this.#connection?.close();
    this.#connection = undefined;
  }
}

const DENIED = 'it does not, or no longer, authorize this client';
const UNDELIVERED = 'the connection did not take the PING';
