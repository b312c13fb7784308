import { FrameReader } from './frame-reader.js';
import { encodeGreeting } from './greeting.js';
import { Handshake, MAX_HANDSHAKE_COMMAND_BYTES, tooLarge } from './handshake.js';
import type { HandshakeStep, HandshakeVerdict, Mechanism, PeerMetadata } from './mechanism.js';
import { COMMAND } from './frame-flags.js';
import { Output } from './output.js';
import { encodePing } from './ping.js';
import type { SessionListener, SessionOptions, SessionState } from './session-options.js';
import { Traffic } from './traffic.js';
import { invalidFlags, isZmtpError, ZmtpError } from './zmtp-error.js';

/**
 * One connection, without its socket: bytes in, events and bytes out.
 *
 *     greeting ──► handshake ──► ready
 *        └────────────┴────────────┴──► failed | closed
 */
export class Session {
  readonly #listener: SessionListener;
  readonly #limits: SessionOptions['limits'];
  readonly #reader = new FrameReader();
  readonly #output = new Output();
  #state: SessionState = 'greeting';
  #mechanism: Mechanism | undefined;
  /** Until it is done. */
  #handshake: Handshake | undefined;
  /** From then on. */
  #traffic: Traffic | undefined;
  #knowsPing = false;
  #isReading = false;
  #isPaused = false;
  #isAsking = false;
  #received = 0;

  constructor({ mechanism, limits }: SessionOptions, listener: SessionListener) {
    this.#listener = listener;
    this.#limits = limits;
    this.#mechanism = mechanism;
    this.#handshake = new Handshake(mechanism);
    this.#reader.commandLimit = MAX_HANDSHAKE_COMMAND_BYTES;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** Whether the peer answers a PING: it speaks ZMTP 3.1. */
  get knowsPing(): boolean {
    return this.#knowsPing;
  }

  /** How many bytes came so far: as long as it grows the peer is not silent. */
  get received(): number {
    return this.#received;
  }

  /**
   * How long, in ms, after its PING the peer wants to be thought alive without another word. 0 if it did not say, or has
   * said something since.
   */
  get peerTtlMs(): number {
    return this.#traffic?.peerTtlMs ?? 0;
  }

  /** How many bytes wait to be taken. */
  get outputBytes(): number {
    return this.#output.bytes;
  }

  /** Queues the greeting. */
  start(): void {
    if (!this.#mechanism) return;
    this.#output.bytesOf(encodeGreeting(this.#mechanism));
    this.#listener.onOutput();
  }

  /** The chunk is the session's from now on. */
  receive(chunk: Buffer): void {
    if (this.#isOver) return;
    this.#received += chunk.length;
    this.#reader.push(chunk);
    this.#read();
  }

  /** The answer to `onAsk`. */
  decide(verdict: HandshakeVerdict): void {
    if (!this.#isAsking || !this.#mechanism) return;
    this.#isAsking = false;
    this.#apply(this.#mechanism.decide(verdict));
    this.#read();
  }

  /**
   * Queues a message; text goes as UTF-8. Large Buffers are not copied: they must not change before they are sent. After
   * the end it does nothing.
   *
   * @throws before `onReady`
   */
  send(frames: readonly (Buffer | string)[]): void {
    if (!this.#traffic) {
      if (this.#isOver) return;
      throw new Error('nothing can be sent before the handshake is done');
    }
    const wasEmpty = this.#output.bytes === 0;
    this.#wrote(wasEmpty, this.#traffic.send(frames));
  }

  /**
   * Sends a PING to a peer that knows it: one of ZMTP 3.1.
   *
   * @param ttlDeciseconds after which the peer should end the connection if it hears nothing more; 0: never
   */
  ping(ttlDeciseconds: number): void {
    if (!this.#traffic || !this.#knowsPing) return;
    const wasEmpty = this.#output.bytes === 0;
    this.#wrote(wasEmpty, this.#traffic.sendCommand(encodePing(ttlDeciseconds)));
  }

  /** All that waits: for one gathered write. Take it when the socket can write, so that what waits stays compact. */
  takeOutput(): Buffer[] {
    this.#traffic?.pongsLeft();
    return this.#output.take();
  }

  /** Delivers nothing more after the present message. What has come already is kept. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#read();
  }

  /** Nothing is delivered any more, and secrets are wiped. What waits in the output can still be taken. */
  close(): void {
    this.#state = 'closed';
    this.#forget();
  }

  get #isOver(): boolean {
    return this.#state === 'failed' || this.#state === 'closed';
  }

  /** The listener may call anything meanwhile. */
  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      while (!this.#isPaused && !this.#isAsking && this.#readNext());
    } finally {
      this.#isReading = false;
    }
  }

  /** @returns whether there may be more to read */
  #readNext(): boolean {
    const handshake = this.#handshake;
    if (handshake && !handshake.greeting) return this.#readGreeting(handshake);
    if (!handshake && !this.#traffic) return false;
    const reading = this.#reader.next();
    if (reading === 'wait') return false;
    const { flags, size } = this.#reader;
    if (reading === 'invalid') this.#fail(invalidFlags(flags));
    else if (reading === 'too-large')
      this.#fail(this.#traffic?.tooLarge(size) ?? tooLarge(flags, size));
    else if (this.#traffic) this.#onFrame(this.#traffic);
    else if (handshake) this.#apply(handshake.receive(flags, this.#reader.takeBody()));
    return true;
  }

  #readGreeting(handshake: Handshake): boolean {
    const octet = this.#reader.octet();
    if (octet === undefined) return false;
    const step = handshake.greet(octet);
    if (handshake.greeting) this.#state = 'handshake';
    if (step) this.#apply(step);
    return true;
  }

  #onFrame(traffic: Traffic): void {
    const reader = this.#reader;
    const wasEmpty = this.#output.bytes === 0;
    const message = traffic.receive(reader.flags, reader.takeBody());
    reader.limit = traffic.limit;
    // Perhaps it was a PING.
    if (!message) this.#wrote(wasEmpty, undefined);
    else if (isZmtpError(message)) this.#fail(message);
    else this.#listener.onMessage(message);
  }

  #apply({ send, outcome }: HandshakeStep): void {
    const wasEmpty = this.#output.bytes === 0;
    for (const body of send) this.#output.frame(COMMAND, body);
    this.#wrote(wasEmpty, undefined);
    if (this.#isOver) return;
    switch (outcome.type) {
      case 'wait':
        return;
      case 'ask':
        this.#isAsking = true;
        this.#listener.onAsk(outcome.credentials);
        return;
      case 'failed':
        this.#fail(outcome.error);
        return;
      case 'ready':
        this.#becomeReady(outcome.peer);
    }
  }

  #becomeReady(peer: PeerMetadata): void {
    const cipher = this.#mechanism?.cipher;
    this.#traffic = new Traffic(this.#limits, cipher, this.#output, this.#listener);
    this.#reader.limit = this.#traffic.limit;
    this.#reader.commandLimit = this.#traffic.commandLimit;
    this.#knowsPing = this.#handshake?.greeting?.knowsPing ?? false;
    this.#handshake = undefined;
    // Only a cipher has secrets that have to be kept.
    if (!cipher) this.#disposeMechanism();
    this.#state = 'ready';
    this.#listener.onReady(peer);
  }

  #wrote(wasEmpty: boolean, error: ZmtpError | undefined): void {
    if (error) this.#fail(error);
    else if (wasEmpty && this.#output.bytes > 0) this.#listener.onOutput();
  }

  #fail(error: ZmtpError): void {
    if (this.#isOver) return;
    this.#state = 'failed';
    this.#forget();
    this.#listener.onFailed(error);
  }

  #forget(): void {
    this.#isAsking = false;
    this.#handshake = undefined;
    this.#traffic = undefined;
    this.#reader.clear();
    this.#disposeMechanism();
  }

  #disposeMechanism(): void {
    this.#mechanism?.dispose();
    this.#mechanism = undefined;
  }
}
