import type { WritePacket } from '@nestjs/microservices';
import type { CallHandle, CallObserver, Judge } from '../../agents/client/call.js';
import type { HeldCall } from '../../agents/client/held-calls.js';
import { FreelanceError } from '../../core/freelance-error.js';
import { AsyncContext } from '../../async-context.js';
import { asMicrotask, monotonicNow } from '../../node-timers.js';
import { Serialized } from '../../protocol/body.js';
import { contentOf, type PacketCodec } from '../packet-codec.js';
import type { DispatchedPacket } from './call-request.js';
import { onAbort } from './on-abort.js';

/** What of the user's may have a call. */
type Holder = 'serializer' | 'deserializer';

/** Who counts the calls that the user's code has. */
export interface CallKeeper {
  /** @throws FreelanceError if the client is closed, or has as many calls open as it may */
  hold(by: Holder, timeout: number, ended: (error: FreelanceError) => void): HeldCall;
}

/** How one call differs from others. */
export interface CallTerms {
  /** How long it may take, in ms, from now on. */
  readonly timeout: number;
  /** End it when they abort. */
  readonly signals: readonly AbortSignal[];
  /** Whether what comes of it goes through the user's deserializer, if there is one. */
  readonly isAnswered: boolean;
  /** Whether its subscriber says when it has read a value; else it has when it gets it. */
  readonly isPaced: boolean;
  /**
   * Gives it to the agent.
   *
   * @param timeout what is left of its time, in ms
   * @throws what pattern, data or options are refused with
   */
  send(packet: DispatchedPacket, timeout: number, call: CallObserver): CallHandle;
}

/**
 * One call, or one event, from the moment it is subscribed to until its subscriber has heard its end, or has left.
 *
 * ```
 *  start ─▶ serializer ─▶ agent ─▶ deserializer ─▶ over
 * ```
 *
 * Whoever has it: its deadline, its signals, `close()`, and its subscriber end it. All that its subscriber hears, and the
 * user's serializer and deserializer, run in the async context of the subscriber.
 */
export class ClientCall extends AsyncContext implements CallObserver {
  readonly #callback: (packet: WritePacket) => void;
  readonly #keeper: CallKeeper;
  readonly #codec: PacketCodec;
  readonly #terms: CallTerms;
  readonly #startedAt: number;
  /** What comes of the call, in its order, as the deserializer is done with it. */
  #turn: Promise<void> | undefined;
  #held: HeldCall | undefined;
  #handle: CallHandle | undefined;
  #forgetSignals: (() => void) | undefined;
  #isStarting = true;
  #isOver = false;

  /** @param callback gets each packet, as of Nest's `publish`, in the async context of now */
  constructor(
    callback: (packet: WritePacket) => void,
    keeper: CallKeeper,
    codec: PacketCodec,
    terms: CallTerms,
  ) {
    super();
    this.#callback = callback;
    this.#keeper = keeper;
    this.#codec = codec;
    this.#terms = terms;
    const { serializes, deserializes } = codec;
    this.#startedAt = serializes || deserializes ? monotonicNow() : 0;
    this.#turn = deserializes && terms.isAnswered ? Promise.resolve() : undefined;
  }

  start(packet: DispatchedPacket): this {
    try {
      const { signals } = this.#terms;
      if (signals.length > 0) this.#forgetSignals = onAbort(signals, (by) => this.#aborted(by));
      // A signal may have aborted before.
      if (!this.#isOver) {
        if (this.#codec.serializes) this.#serialize(packet);
        else this.#send(packet, this.#terms.timeout);
      }
    } catch (error) {
      // Data that cannot be written, as in Nest's other transports.
      this.#fail(error);
    }
    this.#isStarting = false;
    return this;
  }

  next(value: unknown): void {
    if (this.#isOver) return;
    if (this.#turn) this.#inTurn(() => this.#deserialize(value));
    else this.#tell({ response: contentOf(value) });
  }

  complete(): void {
    if (this.#isOver) return;
    if (this.#turn) this.#inTurn(() => this.#end({ isDisposed: true }));
    else this.#end({ isDisposed: true });
    this.#holdForDeserializer();
  }

  /** What the deserializer makes of a server's error says whether the server is to blame. */
  get judges(): boolean {
    return this.#turn !== undefined;
  }

  error(error: unknown, judge?: Judge): void {
    if (this.#isOver) return;
    if (!this.#turn || endsAtOnce(error)) this.#end(failure(contentOf(error)));
    else if (error instanceof FreelanceError) this.#inTurn(() => this.#end(failure(error)));
    else this.#inTurn(() => this.#deserializeError(error, judge));
    this.#holdForDeserializer();
  }

  /** Its subscriber has left. */
  leave(): void {
    if (this.#isOver) return;
    this.#over();
    this.#handle?.cancel();
  }

  #serialize({ pattern, data, metadata }: DispatchedPacket): void {
    const codec = this.#codec;
    const held = this.#hold('serializer', this.#terms.timeout);
    codec.outgoing({ pattern, data }).then(
      (out) => {
        if (this.#isOver) return;
        held.release();
        const packet = out instanceof Serialized ? { pattern, data: out } : out;
        try {
          this.#send({ ...packet, metadata }, this.#remaining);
        } catch (error) {
          this.#fail(error);
        }
      },
      (error: unknown) => this.#fail(error),
    );
  }

  #send(packet: DispatchedPacket, timeout: number): void {
    this.#handle = this.#terms.send(packet, timeout, this);
    // It may be over already, and its subscriber may have left for that.
    if (this.#isOver) this.#handle.cancel();
  }

  async #deserialize(value: unknown): Promise<void> {
    const packet = await this.#codec.incoming<WritePacket>({ response: value }, value);
    if (this.#isOver) return;
    if (packet.err) {
      this.#fail(packet.err);
      return;
    }
    this.#tell(packet);
    if (!this.#terms.isPaced) this.#handle?.read();
  }

  async #deserializeError(error: unknown, judge: Judge | undefined): Promise<void> {
    let packet: WritePacket;
    try {
      packet = await this.#codec.incoming<WritePacket>({ err: error }, error);
    } catch (unreadable) {
      judge?.(unreadable);
      throw unreadable;
    }
    judge?.(packet.err);
    this.#fail(packet.err);
  }

  #inTurn(step: () => Promise<void> | void): void {
    this.run(() => {
      this.#turn = this.#turn
        ?.then(() => (this.#isOver ? undefined : step()))
        .catch((error: unknown) => this.#fail(error));
    });
  }

  /** The agent is done with it, and the deserializer is not. */
  #holdForDeserializer(): void {
    if (this.#isOver) return;
    try {
      this.#hold('deserializer', this.#remaining);
    } catch (error) {
      this.#fail(error);
    }
  }

  #hold(by: Holder, timeout: number): HeldCall {
    const held = this.#keeper.hold(by, timeout, (error) => this.#fail(error));
    this.#held = held;
    return held;
  }

  get #remaining(): number {
    return Math.max(this.#terms.timeout - (monotonicNow() - this.#startedAt), 0);
  }

  #aborted(by: AbortSignal): void {
    this.#fail(
      new FreelanceError('CANCELLED', 'The call was cancelled by its signal.', [], {
        cause: by.reason,
        mayHaveRun: this.#handle?.mayHaveRun ?? 0,
      }),
    );
  }

  /** Ends it for a reason that the agent does not know. */
  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#handle?.cancel();
    this.#end(failure(error));
  }

  #end(packet: WritePacket): void {
    this.#over();
    if (this.#isStarting) {
      // Nobody is told before `subscribe` has returned, as in Nest's other transports.
      this.run(asMicrotask, () => this.#tell(packet));
    } else {
      this.#tell(packet);
    }
  }

  #tell(packet: WritePacket): void {
    this.runInAsyncScope(this.#callback, undefined, packet);
  }

  #over(): void {
    this.#isOver = true;
    this.#held?.release();
    this.#forgetSignals?.();
  }
}

/** The caller waits no longer: neither for the values that came before. */
function endsAtOnce(error: unknown): boolean {
  return error instanceof FreelanceError && (error.code === 'ETIMEDOUT' || error.code === 'CLOSED');
}

/** Nest takes a falsy error for none. */
function failure(error: unknown): WritePacket {
  return { err: error || 'Unknown error' };
}
