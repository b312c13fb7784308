import type { WritePacket } from '@nestjs/microservices';
import type { CallHandle, CallObserver, Judge } from '../../agents/client/call-contract.js';
import type { HeldCall, UserCode } from '../../agents/client/held-calls.js';
import { FreelanceError } from '../../core/freelance-error.js';
import { AsyncContext } from '../../async-context.js';
import { asMicrotask } from '../../node-timers.js';
import { Serialized } from '../../protocol/body.js';
import { contentOf, type PacketCodec } from '../packet-codec.js';
import { endsAtOnce, failure } from './call-failure.js';
import type { CallTracker } from './call-tracker.js';
import type { DispatchedPacket } from './call-request.js';
import type { ObservedCall } from './observed-call.js';
import { onAbort } from './on-abort.js';

export interface ClientCallDeps {
  readonly calls: Pick<CallTracker, 'opened' | 'ended'>;
  readonly codec: PacketCodec;
  readonly agent: {
    /** @throws FreelanceError if the client is closed, or has as many open calls as it may */
    hold(by: UserCode, timeout: number, ended: (error: FreelanceError) => void): HeldCall;
  };
  /** In ms, by the clock of the agent. */
  readonly now: () => number;
}

export interface ClientCallOptions {
  /** In ms from now, over all attempts; `Infinity` for none. */
  readonly timeout: number;
  /** Each of them ends the call when it aborts. */
  readonly signals: readonly AbortSignal[];
  /** Whether values and errors go through the user's deserializer, if there is one. */
  readonly isAnswered: boolean;
  /** Whether the subscriber says when it has read a value; else a value counts as read when it is delivered. */
  readonly isPaced: boolean;
  /** Undefined if nobody watches the call. */
  readonly observed: Pick<ObservedCall, 'ended'> | undefined;
  /**
   * Hands the call to the agent.
   *
   * @param timeout what is left of the call's time, in ms
   * @throws what pattern, data or options are refused with
   */
  send(packet: DispatchedPacket, timeout: number, call: CallObserver): CallHandle;
}

/**
 * One call or event, from its subscription until its subscriber has been told the end, or has left.
 *
 * ```
 *  start ─▶ serializer ─▶ agent ─▶ deserializer ─▶ over
 * ```
 *
 * Its deadline, its signals, `close()` or its subscriber can end each stage. The subscriber's callbacks, and the user's
 * serializer and deserializer, run in its async context.
 */
export class ClientCall extends AsyncContext implements CallObserver {
  readonly #callback: (packet: WritePacket) => void;
  readonly #deps: ClientCallDeps;
  readonly #options: ClientCallOptions;
  readonly #startedAt: number;
  /** The deserializer's work so far: values and the end are delivered in order. Undefined without a deserializer. */
  #turn: Promise<void> | undefined;
  #held: HeldCall | undefined;
  #handle: CallHandle | undefined;
  #forgetSignals: (() => void) | undefined;
  #isStarting = true;
  #isOver = false;

  /** @param callback gets each packet, as of Nest's `publish`, in the current async context */
  constructor(
    callback: (packet: WritePacket) => void,
    deps: ClientCallDeps,
    options: ClientCallOptions,
  ) {
    super();
    this.#callback = callback;
    this.#deps = deps;
    this.#options = options;
    const { serializes, deserializes } = deps.codec;
    this.#startedAt = serializes || deserializes ? deps.now() : 0;
    this.#turn = deserializes && options.isAnswered ? Promise.resolve() : undefined;
  }

  start(packet: DispatchedPacket): this {
    this.#deps.calls.opened();
    try {
      const { signals } = this.#options;
      if (signals.length > 0) this.#forgetSignals = onAbort(signals, (by) => this.#aborted(by));
      // A signal may have been aborted already.
      if (!this.#isOver) {
        if (this.#deps.codec.serializes) this.#serialize(packet);
        else this.#send(packet, this.#options.timeout);
      }
    } catch (error) {
      // Data that cannot be serialized: the subscriber gets the error, as with Nest's other transports.
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

  /** Whether this call judges errors itself: what the deserializer makes of an error tells if the server is to blame. */
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

  /** The subscriber has left. */
  leave(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    // `firstValueFrom` leaves on hearing the value, before the end is told.
    const outcome = this.#handle?.hasCompleted ? 'answered' : 'cancelled';
    try {
      // First, so that its attempts end before it does.
      this.#handle?.cancel();
    } finally {
      this.#over(outcome);
    }
  }

  #serialize({ pattern, data, metadata }: DispatchedPacket): void {
    const held = this.#hold('serializer', this.#options.timeout);
    this.#deps.codec.outgoing({ pattern, data }).then(
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
    this.#handle = this.#options.send(packet, timeout, this);
    // The agent may have ended it at once, and the subscriber may have left on hearing that.
    if (this.#isOver) this.#handle.cancel();
  }

  async #deserialize(value: unknown): Promise<void> {
    const packet = await this.#deps.codec.incoming<WritePacket>({ response: value }, value);
    if (this.#isOver) return;
    if (packet.err) return this.#fail(packet.err);
    this.#tell(packet);
    if (!this.#options.isPaced) this.#handle?.read();
  }

  async #deserializeError(error: unknown, judge: Judge | undefined): Promise<void> {
    let packet: WritePacket;
    try {
      packet = await this.#deps.codec.incoming<WritePacket>({ err: error }, error);
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

  /** The agent has ended the call; the deserializer has not. Held, the call still counts as open and has its deadline. */
  #holdForDeserializer(): void {
    if (this.#isOver) return;
    try {
      this.#hold('deserializer', this.#remaining);
    } catch (error) {
      this.#fail(error);
    }
  }

  #hold(by: UserCode, timeout: number): HeldCall {
    const held = this.#deps.agent.hold(by, timeout, (error) => this.#fail(error));
    this.#held = held;
    return held;
  }

  get #remaining(): number {
    return Math.max(this.#options.timeout - (this.#deps.now() - this.#startedAt), 0);
  }

  #aborted(by: AbortSignal): void {
    this.#fail(
      new FreelanceError('CANCELLED', 'The call was cancelled by its signal.', [], {
        cause: by.reason,
        mayHaveRun: this.#handle?.handedOver ?? 0,
      }),
    );
  }

  /** Ends the call for a reason that the agent does not know of. */
  #fail(error: unknown): void {
    if (this.#isOver) return;
    this.#handle?.cancel();
    this.#end(failure(error));
  }

  #end(packet: WritePacket): void {
    this.#over(packet.err ? 'failed' : 'answered', packet.err);
    // No callback runs before `subscribe` has returned, as with Nest's other transports.
    if (this.#isStarting) this.run(asMicrotask, () => this.#tell(packet));
    else this.#tell(packet);
  }

  #tell(packet: WritePacket): void {
    this.runInAsyncScope(this.#callback, undefined, packet);
  }

  #over(outcome: 'answered' | 'failed' | 'cancelled', error?: unknown): void {
    this.#isOver = true;
    this.#held?.release();
    this.#forgetSignals?.();
    this.#deps.calls.ended();
    this.#options.observed?.ended(outcome, error);
  }
}
