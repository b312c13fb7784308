import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { Hello } from '../../protocol/hello.js';
import type { Content, Id, PackableByServer, Ping, Pong } from '../../protocol/messages.js';
import type { Task } from '../agenda.js';
import { type Courier, Outbox } from '../outbox.js';
import type { Budget } from './budget.js';
import { abandonAll, type Job, type JobOwner } from './job.js';

/** A client that was not heard for so many of its own heartbeats is gone. */
const MISSED_HEARTBEATS = 10;

/** Nor is a client whose event loop stands still for a while taken for gone, in ms. */
const LEAST_PATIENCE_MS = 10_000;

const DEFAULT_HEARTBEAT_MS = 1000;

type NegotiatedPing = Extract<Ping, { dialect: 'negotiated' }>;

/** What is kept of a client's hello: its bytes are bounded, whatever else a hello may say. */
type Introduction = Pick<Hello, 'id' | 'capabilities' | 'heartbeat' | 'maxMessageSize'>;

/** What is kept of a PING, so that it can be answered, or answered again. */
export type Echo = { dialect: 'basic' } | { dialect: 'tracked' | 'negotiated'; id: Id; time: Id };

export function echoOf(ping: Ping): Echo {
  if (ping.dialect === 'basic') return { dialect: 'basic' };
  const { dialect, id, time } = ping;
  return { dialect, id, time };
}

/** What is said to a client of the negotiated dialect. */
export type SessionMessage = Pong | PackableByServer<Content>;

export type SessionCourier = Omit<Courier<SessionMessage, ClientSession>, 'open'>;

/** A client of the negotiated dialect, as one of its connections shows it: who it is, what it runs. */
export class ClientSession implements Task, JobOwner {
  dueAt = Infinity;
  place = NOT_QUEUED;

  /** What runs for it, or waits, by its ids. */
  readonly jobs = new Map<string, Job>();
  lingering = 0;
  hello: Introduction | undefined;
  /** When it was looked for: by which look, at what time, and how often since it was last heard. */
  readonly looks = { latest: 0, at: -Infinity, unanswered: 0 };
  /** What a PONG out of turn would answer. */
  lastPing: Echo | undefined;
  readonly #outbox: Outbox<SessionMessage, ClientSession>;
  #lastHeardAt: number;
  #unansweredGoodbyes = 0;
  #hasNews = false;
  #isKnown = false;
  #wasHeard = false;
  #isReachable = true;
  #hasLost = false;
  #isDisconnected = false;

  constructor(
    readonly peer: Buffer,
    readonly budget: Budget,
    now: number,
    courier: SessionCourier,
    readonly run: (now: number) => void,
  ) {
    this.#outbox = new Outbox({ ...courier, open: () => this.jobs.size });
    this.#lastHeardAt = now;
  }

  heard(now: number): void {
    this.#lastHeardAt = now;
    this.#isReachable = true;
    // Not the first time: a flood of clients that come once must not drive out those that stay.
    this.#wasHeard = this.#isKnown;
    this.#isKnown = true;
    this.looks.unanswered = 0;
  }

  /** Nothing is done for it, and no handler of what was done runs on. */
  get isIdle(): boolean {
    return this.jobs.size === 0 && this.lingering === 0;
  }

  /** Whether it was heard since this was last asked, but for the first time. */
  takeChance(): boolean {
    const wasHeard = this.#wasHeard;
    this.#wasHeard = false;
    return wasHeard;
  }

  pinged(ping: NegotiatedPing): void {
    const { id, capabilities, state, heartbeat, maxMessageSize } = ping.hello;
    this.lastPing = echoOf(ping);
    this.hello = {
      id,
      capabilities,
      ...(heartbeat !== undefined && { heartbeat }),
      ...(maxMessageSize !== undefined && { maxMessageSize }),
    };
    if (state === 'draining' && this.#unansweredGoodbyes > 0) this.#unansweredGoodbyes--;
    this.#outbox.packs = capabilities.includes('pack');
  }

  send(message: SessionMessage): void {
    // A PONG measures the way: it does not wait for others.
    if (message.type === 'pong') {
      this.#outbox.sendAlone(this.#hasLost ? withLoss(message) : message, this);
    } else {
      this.#hasNews = true;
      this.#outbox.send(message, this);
    }
  }

  /** Tells the client that this server leaves. It answers each time. */
  sayGoodbye(): void {
    this.#unansweredGoodbyes++;
    this.send({ type: 'goodbye' });
    this.#hasNews = false;
  }

  /**
   * A message could not be delivered. If the client is there after all, and only has not read for long, its next
   * PONG says that something is missing: it then drops the connection, and knows what became of its calls.
   */
  undelivered(): void {
    this.#isReachable = false;
    this.#hasLost = true;
  }

  /**
   * Its connection has ended, for good. What waits for the end of the turn is not sent.
   *
   * @returns how many messages that were
   */
  disconnected(): number {
    this.#isDisconnected = true;
    this.#isReachable = false;
    return this.#outbox.clear().length;
  }

  get isDisconnected(): boolean {
    return this.#isDisconnected;
  }

  /** Whether a message to it was lost. */
  get hasLost(): boolean {
    return this.#hasLost;
  }

  get knowsGoodbye(): boolean {
    return this.hello?.capabilities.includes('drain') ?? false;
  }

  /** Whether it would answer another GOODBYE. */
  get answersGoodbye(): boolean {
    return this.knowsGoodbye && this.#isReachable && this.#unansweredGoodbyes === 0;
  }

  /** Whether its answer is still to come. */
  get owesGoodbye(): boolean {
    return this.#isReachable && this.#unansweredGoodbyes > 0;
  }

  /** Whether it was sent something since the last GOODBYE. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  /** What waits for the end of the turn is sent now. */
  flush(): void {
    this.#outbox.flush();
  }

  /** When it is to be taken for gone, if it is not heard before. */
  get goneAt(): number {
    const { heartbeat = DEFAULT_HEARTBEAT_MS } = this.hello ?? {};
    return this.#lastHeardAt + Math.max(heartbeat * MISSED_HEARTBEATS, LEAST_PATIENCE_MS);
  }

  /** Nobody waits for what runs for it. */
  abandonAll(): void {
    abandonAll([this]);
  }
}

function withLoss(pong: Pong): Pong {
  return pong.dialect === 'negotiated' ? { ...pong, hello: { ...pong.hello, lost: true } } : pong;
}
