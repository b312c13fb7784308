import type { Frame } from '../../frame.js';
import type { Socket } from 'node:net';
import { nextTick } from '../../node-timers.js';
import type { HandshakeVerdict, PeerMetadata, ShownCredentials } from '../../zmtp/mechanism.js';
import type { SessionListener } from '../../zmtp/session-options.js';
import { Session } from '../../zmtp/session.js';
import type { ZmtpError } from '../../zmtp/zmtp-error.js';
import { deliver } from '../deliver.js';
import { errorCode } from '../error-code.js';
import type { OutgoingSocketFrames, Traffic } from '../socket-port.js';
import { type ChannelListener, type ChannelOptions, limitsOf, SILENT } from './channel-options.js';
import { hangUp, type HangUpTimes } from './hang-up.js';
import { Inlet } from './inlet.js';
import { Outlet } from './outlet.js';

/**
 * Output of this many bytes, a pack of a few calls, is written at once instead of at the end of the turn. The peer then works on
 * it while this side produces more; with one write per turn, one of the two sides would always be idle.
 */
const ENOUGH_BYTES = 512;

/**
 * One ZMTP session over one `net.Socket`, for the connections of both sides.
 *
 * What is sent within a turn of the event loop leaves in one write, or in several if it is much. What arrived before the end of
 * the connection is delivered before the end.
 */
export class Channel implements SessionListener {
  readonly #socket: Socket;
  readonly #inlet: Inlet;
  readonly #outlet: Outlet;
  readonly #session: Session;
  readonly #listener: ChannelListener;
  readonly #mostQueuedBytes: number;
  readonly #times: HangUpTimes;
  #isFlushDue = false;
  #hasEnded = false;
  #code: string | undefined;
  #failure: ZmtpError | undefined;
  #wasReady = false;

  /** @param socket connected, with `allowHalfOpen` */
  constructor(socket: Socket, options: ChannelOptions, listener: ChannelListener) {
    const { mechanism, maxMessageSize } = options;
    this.#socket = socket;
    this.#outlet = new Outlet(socket);
    this.#listener = listener;
    this.#mostQueuedBytes = options.mostQueuedBytes;
    this.#times = options;
    this.#session = new Session({ mechanism, limits: limitsOf(maxMessageSize) }, this);
    this.#inlet = new Inlet(socket, this.#session, () => this.#over());
  }

  start(): void {
    const socket = this.#socket;
    socket.on('drain', () => this.#flush());
    socket.on('error', (error) => (this.#code ??= errorCode(error)));
    this.#inlet.start();
    this.#session.start();
    this.#flush();
  }

  /** Whether something came from the peer. */
  get wasHeard(): boolean {
    return this.#wasReady || this.#inlet.firstWords.length > 0;
  }

  /** Whether it waits for the event loop to turn before it reads on. */
  get isWaiting(): boolean {
    return this.#inlet.isWaiting;
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

  /** What has gone over it, also once it has ended; where there is TLS, what TLS was given and gave. */
  get traffic(): Traffic {
    return { sent: this.#outlet.sent, received: this.#socket.bytesRead };
  }

  decide(verdict: HandshakeVerdict): void {
    if (this.#hasEnded) return;
    this.#session.decide(verdict);
    this.#inlet.release();
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
    this.#inlet.stop();
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
    this.#inlet.hold();
    deliver(() => this.#listener.onAsk(credentials));
  }

  onReady(peer: PeerMetadata): void {
    this.#wasReady = true;
    this.#inlet.understood();
    if (!this.#hasEnded) deliver(() => this.#listener.onReady(peer));
  }

  onMessage(frames: Frame[]): void {
    if (this.#hasEnded) return;
    deliver(() => this.#listener.onMessage(frames));
    this.#inlet.delivered();
  }

  onCommand(): void {
    this.#inlet.delivered();
  }

  onFailed(error: ZmtpError): void {
    this.#failure = error;
    this.#over();
  }

  #flush(): void {
    if (this.#session.outputBytes === 0 || !this.#outlet.isReady) return;
    this.#outlet.write(this.#session.takeOutput());
  }

  #over(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#hangUp();
    const end = {
      wasReady: this.#wasReady,
      failure: this.#failure,
      code: this.#code,
      firstWords: this.#inlet.firstWords,
    };
    deliver(() => this.#listener.onEnded(end));
  }

  #hangUp(): void {
    this.#inlet.stop();
    this.#outlet.end(this.#session.takeOutput());
    this.#session.close();
    const mayBeUnread = this.#wasReady && !this.#inlet.isAtEnd;
    hangUp(this.#socket, mayBeUnread ? this.#times : { ...this.#times, farewellMs: 0 });
  }
}
