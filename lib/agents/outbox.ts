import type { OutgoingFrames } from '../protocol/messages.js';
import { encodePack } from '../protocol/pack.js';

/** How the messages of an outbox travel on. */
export interface Courier<Matter> {
  /** Hands one ZeroMQ message over. `onUndelivered` is called, later, if it was not taken. */
  post(frames: OutgoingFrames, onUndelivered: () => void): void;
  /** A message was not taken; `matter` is what its sender gave with it. */
  undelivered(matter: Matter): void;
  /** Runs once all that can run in this turn of the event loop has run. */
  atTurnEnd(run: () => void): void;
}

/**
 * So many messages leave without waiting for the end of the turn: the peer can then work on them while
 * this side makes the next ones. Packing all of a turn makes the two sides take turns, and gains nothing.
 */
const MOST_MESSAGES = 32;

/** Nor do more bytes wait; in all, so that a pack of large bodies is not held together in memory. */
const MOST_BYTES = 64 * 1024;

/** What is to be sent to one peer. What comes up in one turn of the event loop leaves as one PACK. */
export class Outbox<Matter> {
  readonly #courier: Courier<Matter>;
  /** Whether the peer understands PACK. */
  packs = false;
  #messages: OutgoingFrames[] = [];
  #matters: Matter[] = [];
  #bytes = 0;
  #willFlush = false;

  constructor(courier: Courier<Matter>) {
    this.#courier = courier;
  }

  send(message: OutgoingFrames, matter: Matter): void {
    if (!this.packs) {
      this.sendAlone(message, matter);
      return;
    }
    this.#messages.push(message);
    this.#matters.push(matter);
    this.#bytes += bytesOf(message);
    if (this.#messages.length >= MOST_MESSAGES || this.#bytes >= MOST_BYTES) {
      this.flush();
    } else if (!this.#willFlush) {
      this.#willFlush = true;
      this.#courier.atTurnEnd(() => {
        this.#willFlush = false;
        this.flush();
      });
    }
  }

  /** For what a pack must not carry. What waits leaves first. */
  sendAlone(message: OutgoingFrames, matter: Matter): void {
    this.flush();
    this.#courier.post(message, () => this.#courier.undelivered(matter));
  }

  /** Sends what waits for the end of the turn. */
  flush(): void {
    const messages = this.#messages;
    const [first] = messages;
    if (!first) return;
    const matters = this.clear();
    this.#courier.post(messages.length === 1 ? first : encodePack(messages), () => {
      for (const matter of matters) this.#courier.undelivered(matter);
    });
  }

  /** Forgets what waits, and returns what it was about. */
  clear(): readonly Matter[] {
    const matters = this.#matters;
    this.#messages = [];
    this.#matters = [];
    this.#bytes = 0;
    return matters;
  }
}

/** Text is counted by its characters: near enough. */
function bytesOf(message: OutgoingFrames): number {
  let bytes = 0;
  for (const frame of message) bytes += frame.length;
  return bytes;
}
