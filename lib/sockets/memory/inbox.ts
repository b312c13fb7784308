import { deliver } from '../deliver.js';
import type { OutgoingSocketFrames, SocketFrames } from '../socket-port.js';
import { type Reader, turns } from '../turns.js';
import type { InprocEnd } from './names.js';

/** What the owner of one side of a connection hears. A listener of its that throws does no harm here. */
export interface InboxListener {
  /** Once, before the first message. */
  opened(): void;
  message(frames: SocketFrames): void;
  /** The other side has ended. Once, after the last message. */
  ended(): void;
}

/** What a frame takes besides its bytes, roughly: else a million empty ones would weigh nothing. */
const FRAME_OVERHEAD = 128;

/** One side of a connection: what was sent to it, and waits to be heard. */
export class Inbox implements InprocEnd, Reader {
  readonly #listener: InboxListener;
  readonly #mostBytes: number;
  #waiting: SocketFrames[] = [];
  #heard = 0;
  #bytes = 0;
  #wasOpened = false;
  #hasEnded = false;
  #isClosed = false;

  /** @param mostBytes that may wait here; one message may, whatever its size */
  constructor(listener: InboxListener, mostBytes: number) {
    this.#listener = listener;
    this.#mostBytes = mostBytes;
  }

  open(): void {
    turns.wait(this);
  }

  take(frames: SocketFrames): boolean {
    if (this.#isClosed || this.#hasEnded) return false;
    const bytes = weightOf(frames);
    if (this.#bytes > 0 && this.#bytes + bytes > this.#mostBytes) return false;
    this.#bytes += bytes;
    this.#waiting.push(frames);
    turns.wait(this);
    return true;
  }

  end(): void {
    if (this.#isClosed || this.#hasEnded) return;
    this.#hasEnded = true;
    turns.wait(this);
  }

  /** Nothing is heard any more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  /** What is sent meanwhile is heard in the next turn: else two that answer each other would not let the loop turn. */
  readOn(): void {
    if (!this.#wasOpened && !this.#isClosed) {
      this.#wasOpened = true;
      deliver(() => this.#listener.opened());
    }
    const sent = this.#waiting.length;
    while (this.#heard < sent && !this.#isClosed && !turns.isOver) this.#deliverNext();
    this.#waiting.splice(0, this.#heard);
    this.#heard = 0;
    if (this.#isClosed) return;
    if (this.#waiting.length > 0) return turns.wait(this);
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
  let bytes = frames.length * FRAME_OVERHEAD;
  for (const frame of frames) bytes += frame.length;
  return bytes;
}

/** Up to so many bytes a buffer is copied, as libzmq does it. */
const MOST_COPIED = 128;

/**
 * Text becomes UTF-8, and small buffers are copied. Whoever writes into a larger one after `send` writes into what the other
 * side hears.
 */
export function packed(frames: OutgoingSocketFrames): Buffer[] {
  return frames.map((frame) => {
    if (typeof frame === 'string') return Buffer.from(frame);
    return frame.length <= MOST_COPIED ? Buffer.from(frame) : frame;
  });
}
