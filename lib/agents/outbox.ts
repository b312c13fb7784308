import type {
  Content,
  OutgoingFrames,
  PackableByClient,
  PackableByServer,
} from '../protocol/messages.js';
import { PackWriter } from '../protocol/pack-writer.js';
import type { Batch } from '../sockets/socket-port.js';
import { deliverAll } from './deliver-all.js';

/** How the messages of an outbox travel on. */
export interface OutboxDeps<Message, Matter> {
  /** One message as a ZeroMQ message of its own. */
  encode(message: Message): OutgoingFrames;
  /** Hands one ZeroMQ message over. `onUndelivered` is called, later, if it was not taken. */
  post(frames: OutgoingFrames, onUndelivered: () => void): void;
  /** A message was not taken; `matter` is what its sender gave with it. */
  undelivered(matter: Matter): void;
  /** Runs once all that can run in this turn of the event loop has run. */
  atTurnEnd(run: () => void): void;
  /** What is worth not to wait for the end of the turn, at least. */
  readonly firstBatch?: Batch | undefined;
  /** How many exchanges with the peer are open. */
  open(): number;
}

type Packable = PackableByClient<Content> | PackableByServer<Content>;

/**
 * So many messages leave without waiting for the end of the turn: the peer can then work on them while
 * this side makes the next ones. Packing all of a turn makes the two sides take turns, and gains nothing.
 * But once the peer has work, each further pack of the turn may be twice as large: to hand over a pack
 * costs about as much as ten calls, where libzmq takes it. Where it costs less, half of what is open leaves first.
 */
const USUAL_BATCH: Batch = { messages: 64, bytes: 64 * 1024 };

/** Of bytes: large bodies gain nothing by company. */
const LARGEST_BATCH: Batch = { messages: 512, bytes: 64 * 1024 };

/** What is to be sent to one peer. What comes up in one turn of the event loop leaves as one PACK. */
export class Outbox<Message extends { type: string }, Matter> {
  readonly #deps: OutboxDeps<Message, Matter>;
  /** Whether the peer understands PACK. */
  packs = false;
  readonly #pack = new PackWriter();
  #matters: Matter[] = [];
  #willFlush = false;
  readonly #firstBatch: Batch;
  /** What does not wait any more. */
  #enoughMessages = 0;
  #enoughBytes = 0;

  constructor(deps: OutboxDeps<Message, Matter>) {
    this.#deps = deps;
    this.#firstBatch = deps.firstBatch ?? USUAL_BATCH;
  }

  send(message: Message & Packable, matter: Matter): void {
    if (!this.packs || !this.#pack.add(message)) {
      this.sendAlone(message, matter);
      return;
    }
    this.#matters.push(matter);
    if (!this.#willFlush) this.#beginTurn();
    if (this.#pack.count < this.#enoughMessages && this.#pack.size < this.#enoughBytes) return;
    this.flush();
    this.#enoughMessages = Math.min(2 * this.#enoughMessages, LARGEST_BATCH.messages);
    this.#enoughBytes = Math.min(2 * this.#enoughBytes, LARGEST_BATCH.bytes);
  }

  /** For what no pack can carry. What waits leaves first. */
  sendAlone(message: Message, matter: Matter): void {
    this.flush();
    this.#deps.post(this.#deps.encode(message), () => this.#deps.undelivered(matter));
  }

  #beginTurn(): void {
    const { messages, bytes } = this.#firstBatch;
    const half = Math.ceil(this.#deps.open() / 2);
    this.#enoughMessages = Math.min(Math.max(messages, half), USUAL_BATCH.messages);
    this.#enoughBytes = bytes;
    this.#willFlush = true;
    this.#deps.atTurnEnd(() => {
      this.#willFlush = false;
      this.flush();
    });
  }

  /** Sends what waits for the end of the turn. */
  flush(): void {
    if (this.#pack.count === 0) return;
    const frames = this.#pack.take();
    const matters = this.#matters;
    this.#matters = [];
    this.#deps.post(frames, () => {
      deliverAll(matters, (matter) => this.#deps.undelivered(matter));
    });
  }

  /** Forgets what waits, and returns what it was about. */
  clear(): readonly Matter[] {
    const matters = this.#matters;
    this.#matters = [];
    this.#pack.take();
    return matters;
  }
}
