import { NOT_QUEUED } from '../../core/deadline-queue.js';
import { Readiness } from '../../core/readiness.js';
import type { AtMostOncePatterns } from '../../protocol/at-most-once.js';
import { CAPABILITIES, type Hello, PROTOCOL_VERSION } from '../../protocol/hello.js';
import type { Ping, Pong } from '../../protocol/messages.js';
import type { Agenda, Task } from '../agenda.js';
import { type Echo, echoOf } from './client-session.js';

export interface GreeterOptions {
  readonly serverId: string;
  /** How long an answer of the readiness check holds, in ms. */
  readonly readinessInterval: number;
  /** The largest message that is taken and sent, in bytes. */
  readonly maxMessageSize: number;
  /** The patterns whose handlers must not run twice for one call. */
  readonly atMostOnce?: AtMostOncePatterns | undefined;
}

export interface GreeterHost {
  readonly agenda: Agenda;
  now(): number;
  /** Whether the server can take calls. One that fails says that it cannot. */
  isReady(): Promise<boolean>;
  /** The share of its concurrency that is taken, 0 to 1. */
  load(): number;
  /** Whether it is about to leave. */
  isDraining(): boolean;
  pong(peer: Buffer, pong: Pong): void;
}

/** Clients that may wait for one readiness check. */
const MOST_UNANSWERED = 10_000;

/**
 * How long a readiness check may take, in ms; then the server says that it is not ready, until a check says otherwise.
 * As long as Kubernetes gives its probes (`timeoutSeconds`), and as a PING may take before its server is suspect.
 */
const CHECK_MS = 1000;

/** Checks that may hang at a time. With so many the server is not ready, and no further one begins for now. */
const MOST_CHECKS = 3;

/**
 * After which time, in ms, a check that hangs is given up: what it waits for may be lost for good, as a query is on a
 * connection that died, and the server would never be ready again. As long as a serializer may take.
 */
const GIVEN_UP_AFTER_MS = 10_000;

/** Answers PINGs: who this server is, what it can do, and whether it is ready. */
export class Greeter implements Task {
  dueAt = Infinity;
  place = NOT_QUEUED;

  readonly #options: GreeterOptions;
  readonly #host: GreeterHost;
  readonly #readiness: Readiness;
  /** The latest PING of each client that waits for a readiness check, by routing id. */
  readonly #unanswered = new Map<string, { peer: Buffer; ping: Echo }>();
  /** When each check began that has not ended and was not given up, the oldest first. */
  readonly #checks = new Map<number, number>();
  /** The check that clients wait for. */
  #latest = 0;

  constructor(options: GreeterOptions, host: GreeterHost) {
    this.#options = options;
    this.#host = host;
    this.#readiness = new Readiness(options.readinessInterval);
  }

  pinged(peer: Buffer, ping: Ping): void {
    if (this.#host.isDraining() || !this.#readiness.isStale(this.#host.now())) {
      this.#answer(peer, ping);
      return;
    }
    // Too many hang: that it is not ready is known.
    if (!this.#isChecking && !this.#mayCheck) {
      this.#answer(peer, ping);
      return;
    }
    // A check that takes long must not gather all who come and go meanwhile: they ping again.
    if (this.#unanswered.size < MOST_UNANSWERED)
      this.#unanswered.set(peer.toString('latin1'), { peer, ping: echoOf(ping) });
    if (!this.#isChecking) void this.#checkReadiness();
  }

  /** Says again what the answer to that PING said, as it is now. */
  repeat(peer: Buffer, ping: Echo): void {
    this.#answer(peer, ping);
  }

  /** The check took too long. */
  run(): void {
    this.#checked(false);
  }

  get #isChecking(): boolean {
    return this.place !== NOT_QUEUED;
  }

  get #mayCheck(): boolean {
    const now = this.#host.now();
    for (const [check, begunAt] of this.#checks)
      if (now - begunAt >= GIVEN_UP_AFTER_MS) this.#checks.delete(check);
    return this.#checks.size < MOST_CHECKS;
  }

  async #checkReadiness(): Promise<void> {
    const check = ++this.#latest;
    const now = this.#host.now();
    this.#checks.set(check, now);
    this.#host.agenda.schedule(this, now + CHECK_MS);
    let isReady = false;
    try {
      isReady = await this.#host.isReady();
    } catch {
      // That it fails is its answer.
    }
    this.#checks.delete(check);
    // One that took too long may say what is long past.
    if (check === this.#latest) this.#checked(isReady);
  }

  #checked(isReady: boolean): void {
    this.#host.agenda.cancel(this);
    this.#readiness.checked(isReady, this.#host.now());
    const waiting = [...this.#unanswered.values()];
    this.#unanswered.clear();
    for (const { peer, ping } of waiting) this.#answer(peer, ping);
  }

  #answer(peer: Buffer, ping: Echo): void {
    const state = this.#state;
    // A client of the older dialects understands one sign of a server that takes no calls: silence.
    if (ping.dialect !== 'negotiated' && state !== 'ready') return;
    this.#host.pong(peer, pongTo(ping, this.#hello(state)));
  }

  get #state(): Hello['state'] {
    if (this.#host.isDraining()) return 'draining';
    return this.#readiness.isReady ? 'ready' : 'unready';
  }

  #hello(state: Hello['state']): Hello {
    const { atMostOnce } = this.#options;
    return {
      protocol: PROTOCOL_VERSION,
      id: this.#options.serverId,
      capabilities: CAPABILITIES,
      state,
      load: this.#host.load(),
      maxMessageSize: this.#options.maxMessageSize,
      ...(atMostOnce && !atMostOnce.isEmpty && { atMostOnce: atMostOnce.names }),
    };
  }
}

function pongTo(ping: Echo, hello: Hello): Pong {
  switch (ping.dialect) {
    case 'basic':
      return { type: 'pong', dialect: 'basic', serverId: hello.id };
    case 'tracked':
      return { type: 'pong', dialect: 'tracked', id: ping.id, time: ping.time };
    case 'negotiated':
      return { type: 'pong', dialect: 'negotiated', id: ping.id, time: ping.time, hello };
  }
}
