import type { AtMostOncePatterns } from '../../protocol/at-most-once.js';
import { CAPABILITIES, type Hello, PROTOCOL_VERSION } from '../../protocol/hello.js';
import type { Ping, Pong } from '../../protocol/messages.js';
import type { Peer } from '../../sockets/socket-port.js';
import { type ClientSession, type Echo, echoOf } from './client-session.js';
import { ReadinessCheck, type ReadinessCheckDeps } from './readiness-check.js';

export interface PingResponderOptions {
  readonly serverId: string;
  /** How long a result of the readiness check is valid, in ms. */
  readonly readinessInterval: number;
  /** The largest message that may be received and sent, in bytes. */
  readonly maxMessageSize: number;
  /** What the server says of itself for clients' choice of a server. */
  readonly traits?: Pick<Hello, 'service' | 'zone' | 'weight'> | undefined;
  /** Patterns whose handlers must not run twice for one call. */
  readonly atMostOnce?: AtMostOncePatterns | undefined;
}

export interface PingResponderDeps extends Omit<ReadinessCheckDeps, 'checked'> {
  readonly sessions: Iterable<ClientSession>;
  /** The share of the server's places that is taken, 0 to 1. */
  load(): number;
  /** Whether the server is draining. */
  isDraining(): boolean;
  pong(peer: Peer, pong: Pong): void;
}

/** How many clients may wait for one readiness check. */
const MOST_UNANSWERED = 10_000;

/**
 * Answers PINGs with a PONG that says who this server is, what it can do, and whether it is ready: its user has not set it
 * unready, and the user's check says so, too.
 */
export class PingResponder {
  readonly #options: PingResponderOptions;
  readonly #deps: PingResponderDeps;
  readonly #check: ReadinessCheck;
  /** The latest PING of each client that waits for a readiness check, by its key. */
  readonly #unanswered = new Map<string, { peer: Peer; ping: Echo }>();
  /** Each `isReady()` that waits for a readiness check. */
  readonly #asking: ((isReady: boolean) => void)[] = [];
  #isSetReady = true;
  #isClosed = false;

  constructor(options: PingResponderOptions, deps: PingResponderDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#check = new ReadinessCheck(options.readinessInterval, {
      scheduler: deps.scheduler,
      now: () => deps.now(),
      isReady: () => deps.isReady(),
      checked: () => this.#checked(),
    });
  }

  pinged(peer: Peer, ping: Ping): void {
    if (this.#deps.isDraining() || this.#check.isKnown) {
      this.#answer(peer, ping);
      return;
    }
    // A slow check must not collect all clients that come and go meanwhile; they ping again.
    if (this.#unanswered.size < MOST_UNANSWERED)
      this.#unanswered.set(peer.key, { peer, ping: echoOf(ping) });
    this.#check.begin();
  }

  /** Answers that PING once more, with the present state. */
  repeat(peer: Peer, ping: Echo): void {
    this.#answer(peer, ping);
  }

  /** What the user says, whatever the check says. The clients hear of it now, and not with their next PING. */
  setReady(isReady: boolean): void {
    if (isReady === this.#isSetReady) return;
    this.#isSetReady = isReady;
    for (const { peer, lastPing } of this.#deps.sessions) if (lastPing) this.repeat(peer, lastPing);
  }

  /** What a PONG says now. */
  get state(): Hello['state'] {
    if (this.#isClosed || this.#deps.isDraining()) return 'draining';
    return this.#isSetReady && this.#check.isReady ? 'ready' : 'unready';
  }

  /** Whether clients may call the server. It takes a readiness check to know if the latest one was too long ago. */
  isReady(): Promise<boolean> {
    if (this.state === 'draining' || this.#check.isKnown)
      return Promise.resolve(this.state === 'ready');
    return new Promise((resolve) => {
      this.#asking.push(resolve);
      this.#check.begin();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#tellAsking();
  }

  #checked(): void {
    const waiting = [...this.#unanswered.values()];
    this.#unanswered.clear();
    for (const { peer, ping } of waiting) this.#answer(peer, ping);
    this.#tellAsking();
  }

  #tellAsking(): void {
    const isReady = this.state === 'ready';
    for (const tell of this.#asking.splice(0)) tell(isReady);
  }

  #answer(peer: Peer, ping: Echo): void {
    const { state } = this;
    // The older dialects have no word for a server that takes no calls: silence says it.
    if (ping.dialect !== 'negotiated' && state !== 'ready') return;
    this.#deps.pong(peer, pongTo(ping, this.#hello(state)));
  }

  #hello(state: Hello['state']): Hello {
    const { atMostOnce, traits } = this.#options;
    return {
      protocol: PROTOCOL_VERSION,
      id: this.#options.serverId,
      capabilities: CAPABILITIES,
      state,
      load: this.#deps.load(),
      maxMessageSize: this.#options.maxMessageSize,
      ...traits,
      ...(atMostOnce && !atMostOnce.isEmpty && { atMostOnce: atMostOnce.names }),
    };
  }
}

function pongTo(ping: Echo, hello: Hello): Pong {
  switch (ping.dialect) {
    case 'basic':
      return { type: 'pong', dialect: 'basic', serverId: hello.id };
    case 'guide':
      return { type: 'pong', dialect: 'guide' };
    case 'tracked':
      return { type: 'pong', dialect: 'tracked', id: ping.id, time: ping.time };
    case 'negotiated':
      return { type: 'pong', dialect: 'negotiated', id: ping.id, time: ping.time, hello };
  }
}
