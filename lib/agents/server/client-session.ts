import { NOT_QUEUED } from '../../core/deadline-queue.js';
import type { Hello } from '../../protocol/hello.js';
import type { Content, Id, PackableByServer, Ping, Pong } from '../../protocol/messages.js';
import type { Peer } from '../../sockets/socket-port.js';
import type { Task } from '../scheduler.js';
import { type OutboxDeps, Outbox } from '../outbox.js';
import type { Budget } from './budget.js';
import { abandonAll, type Job, type Client } from './job.js';

/** A client that has been silent for this many of its own heartbeats is gone. */
const MISSED_HEARTBEATS = 10;

/** But never sooner than this, in ms: its event loop may only have stood still. */
const LEAST_PATIENCE_MS = 10_000;

const DEFAULT_HEARTBEAT_MS = 1000;

type NegotiatedPing = Extract<Ping, { dialect: 'negotiated' }>;

/** The part of a client's hello that is kept. Its size is bounded, whatever else the hello contains. */
type Introduction = Pick<Hello, 'id' | 'capabilities' | 'heartbeat' | 'maxMessageSize'>;

/** The part of a PING that is kept, to answer it later or again. */
export type Echo =
  { dialect: 'basic' | 'guide' } | { dialect: 'tracked' | 'negotiated'; id: Id; time: Id };

export function echoOf(ping: Ping): Echo {
  if ('id' in ping) return { dialect: ping.dialect, id: ping.id, time: ping.time };
  return { dialect: ping.dialect };
}

/** A message to a client of the negotiated dialect. */
export type SessionMessage = Pong | PackableByServer<Content>;

export type SessionDeps = Omit<OutboxDeps<SessionMessage, ClientSession>, 'open'>;

/** One connection of a client that speaks the negotiated dialect: who it is, what runs for it, what it is sent. */
export class ClientSession implements Task, Client {
  dueAt = Infinity;
  heapIndex = NOT_QUEUED;

  readonly jobs = new Map<string, Job>();
  lingering = 0;
  hello: Introduction | undefined;
  /** The latest probe of this client, and how many it has left unanswered. */
  readonly probes = { latestRound: 0, sentAt: -Infinity, unanswered: 0 };
  /** The PING that an unasked PONG would answer. */
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
    readonly peer: Peer,
    readonly budget: Budget,
    now: number,
    deps: SessionDeps,
    readonly run: (now: number) => void,
  ) {
    this.#outbox = new Outbox({ ...deps, open: () => this.jobs.size });
    this.#lastHeardAt = now;
  }

  heard(now: number): void {
    this.#lastHeardAt = now;
    this.#isReachable = true;
    // The first message does not count: a flood of clients that come once must not evict those that stay.
    this.#wasHeard = this.#isKnown;
    this.#isKnown = true;
    this.probes.unanswered = 0;
  }

  /** Whether nothing runs or waits for it, abandoned handlers included. */
  get isIdle(): boolean {
    return this.jobs.size === 0 && this.lingering === 0;
  }

  /** Whether it was heard since the last call of this method; its first message does not count. */
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
    // A PONG measures the latency, so it does not wait for other messages.
    if (message.type === 'pong') {
      this.#outbox.sendAlone(this.#hasLost ? withLoss(message) : message, this);
    } else {
      this.#hasNews = true;
      this.#outbox.send(message, this);
    }
  }

  /** Tells the client that this server leaves. The client answers each GOODBYE. */
  sayGoodbye(): void {
    this.#unansweredGoodbyes++;
    this.send({ type: 'goodbye' });
    this.#hasNews = false;
  }

  /**
   * A message could not be delivered. If the client still exists and merely has not read for long, its next PONG tells it
   * that messages were lost. It then drops the connection, and its calls fail or move.
   */
  undelivered(): void {
    this.#isReachable = false;
    this.#hasLost = true;
  }

  /**
   * Its connection has ended for good. Messages that wait for the end of the turn are dropped.
   *
   * @returns how many those were
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

  /** Whether it can be sent a GOODBYE, and has answered the earlier ones. */
  get answersGoodbye(): boolean {
    return this.knowsGoodbye && this.#isReachable && this.#unansweredGoodbyes === 0;
  }

  /** Whether its answer to a GOODBYE is outstanding. */
  get owesGoodbye(): boolean {
    return this.#isReachable && this.#unansweredGoodbyes > 0;
  }

  /** Whether it was sent something since the last GOODBYE. */
  get hasNews(): boolean {
    return this.#hasNews;
  }

  /** Sends at once what waits for the end of the turn. */
  flush(): void {
    this.#outbox.flush();
  }

  /** When it counts as gone, unless it is heard before. */
  get goneAt(): number {
    const { heartbeat = DEFAULT_HEARTBEAT_MS } = this.hello ?? {};
    return this.#lastHeardAt + Math.max(heartbeat * MISSED_HEARTBEATS, LEAST_PATIENCE_MS);
  }

  /** Abandons all its jobs. */
  abandonAll(): void {
    abandonAll([this]);
  }
}

function withLoss(pong: Pong): Pong {
  return pong.dialect === 'negotiated' ? { ...pong, hello: { ...pong.hello, lost: true } } : pong;
}
