import type { Socket } from 'node:net';
import { nextTick } from '../../node-timers.js';
import type { HandshakeVerdict, PeerMetadata, ShownCredentials } from '../../zmtp/mechanism.js';
import type { SessionListener } from '../../zmtp/session-options.js';
import { Session } from '../../zmtp/session.js';
import type { ZmtpError } from '../../zmtp/zmtp-error.js';
import { deliver } from '../deliver.js';
import { errorCode } from '../error-code.js';
import type { OutgoingSocketFrames } from '../socket-port.js';
import { type ChannelListener, type ChannelOptions, limitsOf, SILENT } from './channel-options.js';
import { hangUp, type HangUpTimes } from './hang-up.js';
import { Outlet } from './outlet.js';
import { type Reader, turns } from '../turns.js';

/**
 * So many bytes leave at once, whatever the turn still brings: a pack of some calls. The peer works on them while this side
 * makes the next ones. With all of a turn in one write the two sides take turns, and one of them is always idle.
 */
const ENOUGH_BYTES = 512;

/** Of the first words so many are kept, for an error that names what listens there. */
const FIRST_WORDS = 40;

/**
 * One ZMTP session over one socket of Node's.
 *
 * What is sent within a turn of the event loop leaves in one write, or in several if it is much. What came before the end is
 * delivered before the end is told, however long the event loop makes it wait.
 */
export class Channel implements SessionListener, Reader {
  readonly #socket: Socket;
  readonly #outlet: Outlet;
  readonly #session: Session;
  readonly #listener: ChannelListener;
  readonly #mostQueuedBytes: number;
  readonly #times: HangUpTimes;
  #isFlushDue = false;
  /** Messages wait in the session for the event loop to turn. */
  #isWaiting = false;
  /** Whether this client may connect is being asked. */
  #isAsking = false;
  #hasEnded = false;
  /** The peer sends nothing more. */
  #isAtEnd = false;
  #code: string | undefined;
  #failure: ZmtpError | undefined;
  #wasReady = false;
  #firstWords = NOTHING;

  /** @param socket connected, with `allowHalfOpen` */
  constructor(socket: Socket, options: ChannelOptions, listener: ChannelListener) {
    const { mechanism, maxMessageSize } = options;
    this.#socket = socket;
    this.#outlet = new Outlet(socket);
    this.#listener = listener;
    this.#mostQueuedBytes = options.mostQueuedBytes;
    this.#times = options;
    this.#session = new Session({ mechanism, limits: limitsOf(maxMessageSize) }, this);
  }

  start(): void {
    const socket = this.#socket;
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('drain', () => this.#flush());
    socket.on('end', () => this.#atEnd());
    socket.on('error', (error) => (this.#code ??= errorCode(error)));
    socket.on('close', () => this.#atEnd());
    this.#session.start();
    this.#flush();
  }

  /** Whether something came from the peer. */
  get wasHeard(): boolean {
    return this.#wasReady || this.#firstWords.length > 0;
  }

  /** Whether what the peer sends waits until the event loop has turned. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  get outlet(): Outlet {
    return this.#outlet;
  }

  get session(): Session {
    return this.#session;
  }

  get socket(): Socket {
    return this.#socket;
  }

  decide(verdict: HandshakeVerdict): void {
    this.#isAsking = false;
    if (this.#hasEnded) return;
    this.#session.decide(verdict);
    if (!this.#isWaiting) this.#socket.resume();
  }

  /** @returns false if it was not taken: too much waits to be sent, or the connection has ended */
  send(frames: OutgoingSocketFrames): boolean {
    if (this.#hasEnded || !this.#wasReady || !this.#socket.writable) return false;
    if (this.#queuedBytes >= this.#mostQueuedBytes) return false;
    this.#session.send(frames);
    if (this.#session.outputBytes >= ENOUGH_BYTES) this.#flush();
    return true;
  }

  get #queuedBytes(): number {
    return this.#session.outputBytes + this.#outlet.bytes;
  }

  /** Sends what was handed over, and ends the connection. Nothing more is heard. */
  close(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#hangUp();
  }

  /** Ends the connection at once. Nothing more is heard. */
  destroy(): void {
    this.#hasEnded = true;
    this.#session.close();
    this.#socket.destroy();
  }

  /** The peer has been silent for too long: it is gone. */
  silent(): void {
    this.#code = SILENT;
    this.#socket.destroy();
    this.#over();
  }

  onOutput(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    nextTick(() => {
      this.#isFlushDue = false;
      this.#flush();
    });
  }

  onAsk(credentials: ShownCredentials): void {
    if (this.#hasEnded) return;
    this.#isAsking = true;
    deliver(() => this.#listener.onAsk(credentials));
  }

  onReady(peer: PeerMetadata): void {
    this.#wasReady = true;
    this.#firstWords = NOTHING;
    if (!this.#hasEnded) deliver(() => this.#listener.onReady(peer));
  }

  onMessage(frames: Buffer[]): void {
    if (this.#hasEnded) return;
    deliver(() => this.#listener.onMessage(frames));
    if (!this.#isWaiting && turns.isOver) this.#wait();
  }

  onCommand(): void {
    if (!this.#hasEnded && !this.#isWaiting && turns.isOver) this.#wait();
  }

  onFailed(error: ZmtpError): void {
    this.#failure = error;
    this.#over();
  }

  readOn(): void {
    this.#isWaiting = false;
    if (this.#hasEnded) return;
    this.#session.resume();
    // What a socket had read when it failed it does not bring by itself any more.
    if (this.#isAtEnd && !this.#isWaiting) this.#receiveRest();
    if (this.#isWaiting) return;
    this.#socket.resume();
    if (this.#isAtEnd) this.#over();
  }

  #wait(): void {
    this.#isWaiting = true;
    this.#session.pause();
    this.#socket.pause();
    turns.wait(this);
  }

  #received(chunk: Buffer): void {
    // What comes after the end is read, so that the peer gets no reset, and not heard.
    if (this.#hasEnded) return;
    if (this.#firstWords.length < FIRST_WORDS && !this.#wasReady) this.#remember(chunk);
    // A step of a handshake of CURVE takes 0.1 ms, and a thousand clients may come at once. Of a connection whose handshake
    // is done Node brings up to 2 MiB in a turn, which may be PINGs, or parts of large frames.
    if (!this.#isWaiting && turns.isUsedUp) this.#wait();
    turns.begin();
    // The session would keep all that somebody sends who is not let in yet.
    if (this.#isAsking) this.#socket.pause();
    this.#session.receive(chunk);
    turns.end();
  }

  #receiveRest(): void {
    const rest = this.#socket.read() as Buffer | null;
    if (rest) this.#session.receive(rest);
  }

  #remember(chunk: Buffer): void {
    const more = chunk.subarray(0, FIRST_WORDS - this.#firstWords.length);
    this.#firstWords = Buffer.concat([this.#firstWords, more]);
  }

  #flush(): void {
    if (this.#session.outputBytes === 0 || !this.#outlet.isReady) return;
    this.#outlet.write(this.#session.takeOutput());
  }

  #atEnd(): void {
    this.#isAtEnd = true;
    if (!this.#isWaiting) this.#over();
  }

  #over(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#hangUp();
    const end = {
      wasReady: this.#wasReady,
      failure: this.#failure,
      code: this.#code,
      firstWords: this.#firstWords,
    };
    deliver(() => this.#listener.onEnded(end));
  }

  #hangUp(): void {
    this.#outlet.end(this.#session.takeOutput());
    this.#session.close();
    const mayBeUnread = this.#wasReady && !this.#isAtEnd;
    hangUp(this.#socket, mayBeUnread ? this.#times : { ...this.#times, farewellMs: 0 });
  }
}

const NOTHING = Buffer.alloc(0);
