import { joined } from '../frame.js';
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
 * ZMTP 3 for one connection, at either side, without its socket (`Channel` has that): bytes in, events and bytes out.
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
  /** Present until the handshake is done. */
  #handshake: Handshake | undefined;
  /** Present after the handshake. */
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

  /** Whether the peer answers PINGs, as in ZMTP 3.1. */
  get knowsPing(): boolean {
    return this.#knowsPing;
  }

  /** The number of bytes received: while it grows, the peer is not silent. */
  get received(): number {
    return this.#received;
  }

  /**
   * The TTL of the peer's PING, in ms: how long this side should consider a silent peer alive. 0 if the peer stated none, or
   * has sent anything since.
   */
  get peerTtlMs(): number {
    return this.#traffic?.peerTtlMs ?? 0;
  }

  /** The number of bytes that wait to be taken. */
  get outputBytes(): number {
    return this.#output.bytes;
  }

  /** Queues the greeting. */
  start(): void {
    if (!this.#mechanism) return;
    this.#output.bytesOf(encodeGreeting(this.#mechanism));
    this.#listener.onOutput();
  }

  /** The session owns the chunk from now on. */
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
   * Queues a message; text is sent as UTF-8. Large Buffers are not copied, so they must not change before they are sent. Does
   * nothing after the end.
   *
   * @throws before `onReady`
   */
  send(frames: readonly (Buffer | string)[]): void {
    if (!this.#traffic) {
      if (this.#isOver) return;
      throw new Error('no message can be sent before the handshake is done');
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

  /** Takes the output for one gathered write. Call it only when the socket can write: output that waits here takes less memory. */
  takeOutput(): Buffer[] {
    this.#traffic?.pongsLeft();
    return this.#output.take();
  }

  /** Delivers nothing more after the current message. Bytes received meanwhile are kept. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#read();
  }

  /** Stops delivery and wipes secrets. Waiting output can still be taken. */
  close(): void {
    this.#state = 'closed';
    this.#forget();
  }

  get #isOver(): boolean {
    return this.#state === 'failed' || this.#state === 'closed';
  }

  /** The listener may call any method meanwhile. */
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
    else if (handshake) this.#apply(handshake.receive(flags, joined(this.#reader.takeBody())));
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
    // The frame may have been a PING, whose PONG is in the output now.
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
    // Only a cipher still needs the mechanism's secrets.
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
