import { deliver } from '../deliver.js';
import type { OutgoingSocketFrames, SocketFrames } from '../socket-port.js';
import { bytesOf } from '../traffic-total.js';
import type { Reader, Turns } from '../turns.js';
import type { InprocEnd } from './names.js';

/** Hears what arrives at one side of a connection. What it throws does no harm to the inbox. */
export interface InboxListener {
  /** Called once, before the first message. */
  opened(): void;
  message(frames: SocketFrames): void;
  /** The other side has ended. Called once, after the last message. */
  ended(): void;
}

export interface InboxLimits {
  /** How much may wait, in bytes; a single message always may, whatever its size. */
  readonly mostBytes: number;
  /** Those in which messages are delivered. */
  readonly turns: Turns;
}

/** An estimate of what a frame takes besides its bytes: otherwise a million empty ones would count as nothing. */
const FRAME_OVERHEAD = 128;

/** The messages that were sent to one side of a connection and wait to be delivered. */
export class Inbox implements InprocEnd, Reader {
  readonly #listener: InboxListener;
  readonly #mostBytes: number;
  readonly #turns: Turns;
  #waiting: SocketFrames[] = [];
  #heard = 0;
  #bytes = 0;
  #wasOpened = false;
  #hasEnded = false;
  #isClosed = false;

  constructor(listener: InboxListener, { mostBytes, turns }: InboxLimits) {
    this.#listener = listener;
    this.#mostBytes = mostBytes;
    this.#turns = turns;
  }

  open(): void {
    this.#turns.wait(this);
  }

  take(frames: SocketFrames): boolean {
    if (this.#isClosed || this.#hasEnded) return false;
    const bytes = weightOf(frames);
    if (this.#bytes > 0 && this.#bytes + bytes > this.#mostBytes) return false;
    this.#bytes += bytes;
    this.#waiting.push(frames);
    this.#turns.wait(this);
    return true;
  }

  end(): void {
    if (this.#isClosed || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#turns.wait(this);
  }

  /** Delivers nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  /** What is sent meanwhile is delivered in the next turn: otherwise two sides that answer each other would block the loop. */
  readOn(): void {
    if (!this.#wasOpened && !this.#isClosed) {
      this.#wasOpened = true;
      deliver(() => this.#listener.opened());
    }
    const sent = this.#waiting.length;
    while (this.#heard < sent && !this.#isClosed && !this.#turns.isOver) this.#deliverNext();
    this.#waiting.splice(0, this.#heard);
    this.#heard = 0;
    if (this.#isClosed) return;
    if (this.#waiting.length > 0) return this.#turns.wait(this);
    if (!this.#hasEnded) return;
    this.close();
    deliver(() => this.#listener.ended());
  }

  #deliverNext(): void {
    const frames = this.#waiting[this.#heard++];
    if (!frames) return;
    this.#bytes -= weightOf(frames);
    deliver(() => this.#listener.message(frames));
  }
}

function weightOf(frames: SocketFrames): number {
  return frames.length * FRAME_OVERHEAD + bytesOf(frames);
}

/** Buffers up to this size are copied, as libzmq does, in bytes. */
const MOST_COPIED = 128;

/**
 * Strings become UTF-8, and small buffers are copied. A larger buffer must not change after `send`: the other side receives
 * that very buffer.
 */
export function packed(frames: OutgoingSocketFrames): Buffer[] {
  return frames.map((frame) => {
    if (typeof frame === 'string') return Buffer.from(frame);
    return frame.length <= MOST_COPIED ? Buffer.from(frame) : frame;
  });
}
