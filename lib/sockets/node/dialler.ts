import type { LossCause } from '../socket-port.js';
import { CLIENT_HANDSHAKE_MS, STAGGER_MS } from '../times.js';
import type { Clock } from '../clock.js';

/** Why an address did not lead to a connection. */
export interface DialFailure {
  /** For people. */
  readonly reason: string;
  readonly cause?: LossCause;
}

/** One attempt at one address. */
export interface Attempt {
  /** Whether the peer has sent something. */
  readonly wasHeard: boolean;
  /** Whether the peer authenticates this client, and so may take its time for the handshake. */
  readonly mayThink: boolean;
  /** Gives the attempt up. Its listener hears nothing more. */
  abandon(): void;
}

export interface AttemptListener {
  /** The connection is established; the handshake begins. */
  onConnected(): void;
  onReady(): void;
  onFailed(failure: DialFailure): void;
}

export interface DiallerListener<Address, Tried extends Attempt> {
  /** Begins an attempt, which calls its listener only after this has returned. */
  open(address: Address, listener: AttemptListener): Tried;
  onReady(attempt: Tried): void;
  /** No address is left, or the server has refused this client. */
  onFailed(failures: readonly { readonly address: Address; readonly failure: DialFailure }[]): void;
}

/** How long a connection to one address may take, in ms. Linux itself would try for two minutes. */
export const CONNECT_MS = 5000;

/** How long a peer may be silent after the connection, in ms, if there are other addresses. A live one sends its greeting at once. */
export const MUTE_MS = 1000;

interface Try<Address, Tried> {
  readonly address: Address;
  attempt: Tried | undefined;
  cancelTimer: () => void;
}

/**
 * Tries the addresses of one server until a handshake is done. Connections are attempted staggered and in parallel (RFC 8305),
 * handshakes one at a time, so that a client is not admitted twice.
 */
export class Dialler<Address, Tried extends Attempt> {
  readonly #queue: Address[];
  readonly #clock: Pick<Clock, 'after'>;
  readonly #muteMs: number;
  readonly #listener: DiallerListener<Address, Tried>;
  readonly #failures: { address: Address; failure: DialFailure }[] = [];
  /** Attempts without a connection yet. */
  readonly #connecting = new Set<Try<Address, Tried>>();
  #inHandshake: Try<Address, Tried> | undefined;
  #cancelStagger = () => {};
  #isOver = false;

  /**
   * @param addresses at least one
   * @param patienceMs how long a peer may be silent, if there are other addresses; at most `MUTE_MS`
   */
  constructor(
    addresses: readonly Address[],
    clock: Pick<Clock, 'after'>,
    patienceMs: number,
    listener: DiallerListener<Address, Tried>,
  ) {
    this.#muteMs = Math.min(MUTE_MS, patienceMs);
    this.#queue = [...addresses];
    this.#clock = clock;
    this.#listener = listener;
  }

  start(): void {
    this.#tryNext();
  }

  /** Gives up all attempts. */
  stop(): void {
    this.#isOver = true;
    this.#cancelStagger();
    for (const one of this.#connecting) giveUp(one);
    if (this.#inHandshake) giveUp(this.#inHandshake);
    this.#connecting.clear();
    this.#inHandshake = undefined;
  }

  #tryNext(): void {
    this.#cancelStagger();
    const [address] = this.#queue;
    if (this.#isOver || this.#inHandshake) return;
    if (address === undefined) {
      if (this.#connecting.size === 0) this.#failed();
      return;
    }
    this.#queue.shift();
    const one: Try<Address, Tried> = { address, attempt: undefined, cancelTimer: () => {} };
    this.#connecting.add(one);
    one.attempt = this.#listener.open(address, {
      onConnected: () => this.#connected(one),
      onReady: () => this.#ready(one),
      onFailed: (failure) => this.#tryFailed(one, failure),
    });
    this.#limit(one, CONNECT_MS, { reason: `there was no answer within ${CONNECT_MS} ms` });
    if (this.#queue.length > 0) {
      this.#cancelStagger = this.#clock.after(STAGGER_MS, () => this.#tryNext());
    }
  }

  #connected(one: Try<Address, Tried>): void {
    if (!this.#connecting.delete(one)) return;
    this.#cancelStagger();
    this.#inHandshake = one;
    // They may be tried again if this one fails.
    const others = [...this.#connecting];
    this.#connecting.clear();
    for (const other of others) giveUp(other);
    this.#queue.unshift(...others.map(({ address }) => address));
    if (this.#queue.length === 0) return this.#limitHandshake(one);
    one.cancelTimer();
    one.cancelTimer = this.#clock.after(this.#muteMs, () => {
      if (one.attempt?.wasHeard && one.attempt.mayThink) this.#limitHandshake(one);
      else this.#timedOut(one, inHandshake(one, this.#muteMs));
    });
  }

  #limitHandshake(one: Try<Address, Tried>): void {
    one.cancelTimer();
    one.cancelTimer = this.#clock.after(CLIENT_HANDSHAKE_MS, () => {
      this.#timedOut(one, inHandshake(one, CLIENT_HANDSHAKE_MS));
    });
  }

  #limit(one: Try<Address, Tried>, ms: number, failure: DialFailure): void {
    one.cancelTimer = this.#clock.after(ms, () => this.#timedOut(one, failure));
  }

  #timedOut(one: Try<Address, Tried>, failure: DialFailure): void {
    giveUp(one);
    this.#tryFailed(one, failure);
  }

  #ready(one: Try<Address, Tried>): void {
    one.cancelTimer();
    this.#isOver = true;
    if (one.attempt) this.#listener.onReady(one.attempt);
  }

  #tryFailed(one: Try<Address, Tried>, failure: DialFailure): void {
    one.cancelTimer();
    this.#connecting.delete(one);
    if (this.#inHandshake === one) this.#inHandshake = undefined;
    this.#failures.push({ address: one.address, failure });
    // All addresses of a name are one server: another one would refuse as well.
    if (failure.cause === 'unauthorized') this.#failed();
    else this.#tryNext();
  }

  #failed(): void {
    this.stop();
    this.#listener.onFailed(this.#failures);
  }
}

function giveUp(one: Try<unknown, Attempt>): void {
  one.cancelTimer();
  one.attempt?.abandon();
}

function inHandshake({ attempt }: Try<unknown, Attempt>, ms: number): DialFailure {
  return {
    reason: attempt?.wasHeard
      ? `its handshake was not done within ${ms} ms`
      : `it accepted the connection, and said nothing for ${ms} ms`,
  };
}
