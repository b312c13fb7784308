import type { Socket } from 'node:net';
import type { Session } from '../../zmtp/session.js';
import { type Reader, turns } from '../turns.js';

/** How many of the first bytes received are kept, for an error that names what listens there. */
const FIRST_WORDS = 40;

/**
 * What arrives by one socket of Node's, in its order, for a session. In a flood it stops reading until the event loop has
 * turned (`turns`).
 */
export class Inlet implements Reader {
  readonly #socket: Socket;
  readonly #session: Session;
  readonly #ended: () => void;
  /** Messages wait in the session for the event loop to turn. */
  #isWaiting = false;
  #isHeld = false;
  /** The peer sends nothing more. */
  #isAtEnd = false;
  #isStopped = false;
  #isUnderstood = false;
  #firstWords = NOTHING;

  /** @param ended the session has all that has arrived, and nothing more will. May be called several times */
  constructor(socket: Socket, session: Session, ended: () => void) {
    this.#socket = socket;
    this.#session = session;
    this.#ended = ended;
  }

  start(): void {
    const socket = this.#socket;
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    socket.on('end', () => this.#atEnd());
    socket.on('close', () => this.#atEnd());
  }

  /** Whether it waits for the event loop to turn before it reads on. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Whether the peer sends nothing more. */
  get isAtEnd(): boolean {
    return this.#isAtEnd;
  }

  /** What the peer said first, some bytes of it; empty if nothing, or once it is understood. */
  get firstWords(): Buffer {
    return this.#firstWords;
  }

  /** The peer speaks ZMTP: nobody has to be told what it said first. */
  understood(): void {
    this.#isUnderstood = true;
    this.#firstWords = NOTHING;
  }

  /** Until `release` the socket is paused as soon as something more arrives: the session would have to keep it. */
  hold(): void {
    this.#isHeld = true;
  }

  release(): void {
    this.#isHeld = false;
    if (!this.#isWaiting) this.#socket.resume();
  }

  /** What still arrives is read, because unread input would make the close a reset, and ignored. */
  stop(): void {
    this.#isStopped = true;
  }

  /** To be called after each message: waits for the event loop to turn if this turn has lasted for long enough. */
  delivered(): void {
    if (!this.#isWaiting && !this.#isStopped && turns.isOver) this.#wait();
  }

  readOn(): void {
    this.#isWaiting = false;
    if (this.#isStopped) return;
    this.#session.resume();
    // A socket that has failed emits no more data, but may still hold some.
    if (this.#isAtEnd && !this.#isWaiting) this.#receiveRest();
    if (this.#isWaiting) return;
    this.#socket.resume();
    if (this.#isAtEnd) this.#ended();
  }

  #received(chunk: Buffer): void {
    if (this.#isStopped) return;
    if (!this.#isUnderstood && this.#firstWords.length < FIRST_WORDS) this.#remember(chunk);
    // A step of a CURVE handshake takes 0.1 ms, and a thousand clients may connect at once. After the handshake, Node delivers
    // up to 2 MiB of one connection in a turn, which may be all PINGs, or parts of large frames.
    if (!this.#isWaiting && turns.isUsedUp) this.#wait();
    turns.begin();
    if (this.#isHeld) this.#socket.pause();
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

  #wait(): void {
    this.#isWaiting = true;
    this.#session.pause();
    this.#socket.pause();
    turns.wait(this);
  }

  #atEnd(): void {
    this.#isAtEnd = true;
    if (!this.#isWaiting) this.#ended();
  }
}

const NOTHING = Buffer.alloc(0);
