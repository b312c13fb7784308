import { decodeCommand } from './command.js';
import { COMMAND, isValid, MORE } from './frame-flags.js';
import { FrameReader } from './frame-reader.js';
import { encodeGreeting, GreetingReader } from './greeting.js';
import type { FrameCipher, HandshakeStep, HandshakeVerdict, Mechanism } from './mechanism.js';
import { MessageAssembler } from './message-assembler.js';
import { Output } from './output.js';
import { decodePing, encodePing } from './ping.js';
import type { SessionListener, SessionOptions, SessionState } from './session-options.js';
import { isZmtpError, ZmtpError } from './zmtp-error.js';

/** Until it has shown who it is a peer gets little: the handshakes of this library and of libzmq take less than 1 KB. */
export const MAX_HANDSHAKE_COMMAND_BYTES = 8192;
export const MAX_HANDSHAKE_BYTES = 16_384;
export const MAX_HANDSHAKE_COMMANDS = 8;

/** What a cipher may add to a frame, 33 bytes by RFC 26, and room for a PING in the midst of a message. */
const SEALED_EXTRA_BYTES = 64;

/** PONGs that wait at most: a peer that does not read them needs no more. */
const MAX_WAITING_PONGS = 16;

/**
 * One connection, without its socket: bytes in, events and bytes out.
 *
 *     greeting ──► handshake ──► ready
 *        └────────────┴────────────┴──► failed | closed
 */
export class Session {
  readonly #listener: SessionListener;
  readonly #reader = new FrameReader();
  readonly #output = new Output();
  readonly #messages: MessageAssembler;
  #state: SessionState = 'greeting';
  #greeting: GreetingReader | undefined;
  #mechanism: Mechanism | undefined;
  #cipher: FrameCipher | undefined;
  #knowsPing = false;
  #isReading = false;
  #isPaused = false;
  #isAsking = false;
  #handshakeCommands = 0;
  #handshakeBytes = 0;
  #waitingPongs = 0;
  #received = 0;
  #peerTtlMs = 0;

  constructor({ mechanism, limits }: SessionOptions, listener: SessionListener) {
    this.#mechanism = mechanism;
    this.#greeting = new GreetingReader(mechanism);
    this.#messages = new MessageAssembler(limits);
    this.#listener = listener;
    this.#reader.commandLimit = MAX_HANDSHAKE_COMMAND_BYTES;
  }

  get state(): SessionState {
    return this.#state;
  }

  /** How many bytes came so far: as long as it grows the peer is not silent. */
  get received(): number {
    return this.#received;
  }

  /** How long the peer wants to be thought alive after a PING without another word; 0: it did not say. */
  get peerTtlMs(): number {
    return this.#peerTtlMs;
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
    if (this.#state !== 'ready') {
      if (this.#isOver) return;
      throw new Error('nothing can be sent before the handshake is done');
    }
    const wasEmpty = this.#output.bytes === 0;
    const last = frames.length - 1;
    for (let index = 0; index <= last && this.#state === 'ready'; index++) {
      this.#writeFrame(index < last ? MORE : 0, frames[index] ?? '');
    }
    if (wasEmpty && !this.#isOver) this.#listener.onOutput();
  }

  /**
   * Sends a PING to a peer that knows it: one of ZMTP 3.1.
   *
   * @param ttlDeciseconds after which the peer should end the connection if it hears nothing more; 0: never
   */
  ping(ttlDeciseconds: number): void {
    if (this.#state !== 'ready' || !this.#knowsPing) return;
    this.#writeCommand(encodePing(ttlDeciseconds));
  }

  /** All that waits: for one gathered write. Take it when the socket can write, so that what waits stays compact. */
  takeOutput(): Buffer[] {
    this.#waitingPongs = 0;
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
      while (!this.#isPaused && !this.#isAsking && !this.#isOver) {
        if (!(this.#greeting ? this.#readGreeting(this.#greeting) : this.#readFrame())) break;
      }
    } finally {
      this.#isReading = false;
    }
  }

  /** @returns whether there may be more to read */
  #readGreeting(reader: GreetingReader): boolean {
    const octet = this.#reader.octet();
    if (octet === undefined) return false;
    const greeting = reader.push(octet);
    if (!greeting) return true;
    this.#greeting = undefined;
    if (isZmtpError(greeting)) {
      this.#fail(greeting);
    } else if (this.#mechanism) {
      this.#knowsPing = greeting.knowsPing;
      this.#state = 'handshake';
      this.#apply(this.#mechanism.start());
    }
    return true;
  }

  #readFrame(): boolean {
    switch (this.#reader.next()) {
      case 'wait':
        return false;
      case 'frame':
        if (this.#state === 'ready') this.#onFrame(this.#reader.flags, this.#reader.body);
        else this.#onHandshake(this.#reader.flags, this.#reader.body);
        return true;
      case 'invalid':
        this.#failInvalid(this.#reader.flags);
        return true;
      case 'too-large':
        this.#fail(this.#tooLarge(this.#reader.flags, this.#reader.size));
        return true;
    }
  }

  #onHandshake(flags: number, body: Buffer): void {
    if (!(flags & COMMAND)) {
      this.#fail(new ZmtpError('malformed', 'a message before the handshake was done'));
      return;
    }
    this.#handshakeBytes += body.length;
    if (
      ++this.#handshakeCommands > MAX_HANDSHAKE_COMMANDS ||
      this.#handshakeBytes > MAX_HANDSHAKE_BYTES
    ) {
      this.#fail(new ZmtpError('too-large', 'a handshake of too many commands or bytes'));
    } else if (this.#mechanism) {
      this.#apply(this.#mechanism.receive(body));
    }
  }

  #apply({ send, outcome }: HandshakeStep): void {
    for (const body of send) this.#writeCommand(body);
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
        this.#cipher = this.#mechanism?.cipher;
        // Only a cipher has secrets that have to be kept.
        if (!this.#cipher) this.#disposeMechanism();
        this.#state = 'ready';
        this.#setLimits();
        this.#listener.onReady(outcome.peer);
    }
  }

  #onFrame(flags: number, body: Buffer): void {
    if (!this.#cipher) {
      this.#onClear(flags, body);
      return;
    }
    // What a frame is stands under the seal; libzmq sets no flag outside, RFC 25 COMMAND.
    if (flags & MORE) {
      this.#failInvalid(flags);
      return;
    }
    const opened = this.#cipher.open(body);
    if (isZmtpError(opened)) this.#fail(opened);
    else if (isValid(opened.flags)) this.#onClear(opened.flags, opened.body);
    else this.#failInvalid(opened.flags);
  }

  #onClear(flags: number, body: Buffer): void {
    // In the midst of a message, too: there libzmq sends its PINGs.
    if (flags & COMMAND) {
      this.#onCommand(body);
      return;
    }
    const message = this.#messages.push(flags, body);
    if (isZmtpError(message)) {
      this.#fail(message);
      return;
    }
    this.#setLimits();
    if (message) this.#listener.onMessage(message);
  }

  /** Those that this side does not know are ignored, as are those of publishers. */
  #onCommand(body: Buffer): void {
    const command = decodeCommand(body);
    if (isZmtpError(command)) {
      this.#fail(command);
      return;
    }
    if (command.name !== 'PING') return;
    const ping = decodePing(command.data);
    if (isZmtpError(ping)) {
      this.#fail(ping);
      return;
    }
    this.#peerTtlMs = ping.ttlMs;
    if (this.#waitingPongs === MAX_WAITING_PONGS) return;
    this.#waitingPongs++;
    this.#writeCommand(ping.pong);
  }

  #setLimits(): void {
    const extra = this.#cipher ? SEALED_EXTRA_BYTES : 0;
    this.#reader.limit = this.#messages.limit + extra;
    this.#reader.commandLimit = this.#messages.maxFrameBytes + extra;
  }

  #writeCommand(body: Buffer): void {
    const wasEmpty = this.#output.bytes === 0;
    // In a handshake there is no cipher yet.
    this.#writeFrame(COMMAND, body);
    if (wasEmpty) this.#listener.onOutput();
  }

  #writeFrame(flags: number, body: Buffer | string): void {
    if (!this.#cipher) {
      this.#output.frame(flags, body);
      return;
    }
    const sealed = this.#cipher.seal(flags, typeof body === 'string' ? Buffer.from(body) : body);
    if (isZmtpError(sealed)) this.#fail(sealed);
    else this.#output.frame(0, sealed);
  }

  #tooLarge(flags: number, size: number): ZmtpError {
    if (this.#state === 'ready') return this.#messages.tooLarge(size);
    return flags & COMMAND
      ? new ZmtpError('too-large', `a command of ${size} bytes in the handshake`)
      : new ZmtpError('malformed', 'a message before the handshake was done');
  }

  #failInvalid(flags: number): void {
    this.#fail(new ZmtpError('malformed', `a frame with the flags 0x${flags.toString(16)}`));
  }

  #fail(error: ZmtpError): void {
    if (this.#isOver) return;
    this.#state = 'failed';
    this.#forget();
    this.#listener.onFailed(error);
  }

  #forget(): void {
    this.#isAsking = false;
    this.#greeting = undefined;
    this.#reader.clear();
    this.#messages.clear();
    this.#disposeMechanism();
    this.#cipher = undefined;
  }

  #disposeMechanism(): void {
    this.#mechanism?.dispose();
    this.#mechanism = undefined;
  }
}
