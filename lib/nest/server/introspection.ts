import type { ServerCall } from '../../agents/server/server-call.js';
import type { ServerEvent } from '../../agents/server/server-event.js';
import type { ServerStats } from '../../agents/server/server-stats.js';
import { PACKAGE } from '../../package.js';
import type { Content } from '../../protocol/content.js';
import { INFO_PATTERN, reservedNameOf, STATS_PATTERN } from '../../protocol/introspection.js';
import type { FreelanceEngine } from '../../sockets/engine.js';
import type { ErrorLog } from '../bounded-log.js';
import { isLocal } from '../options/addresses.js';
import type { ResolvedServerOptions } from '../options/server-options.js';
import { failInternally } from './handler-run.js';
import { nestVersion } from './nest-version.js';
import { NO_MESSAGE_HANDLER } from './nest-words.js';
import { PacedJson } from './paced-json.js';
import { listPatterns, type PatternInfo, type RegisteredPattern } from './pattern-list.js';

/** Whether a server takes calls, as it tells its clients: `draining` while it is about to leave. */
export type ServerState = 'ready' | 'unready' | 'draining';

/** The limits of a server: its options, or their defaults. All times are in ms. */
export interface ServerLimits {
  /** How many calls and events run at a time. */
  readonly maxConcurrency: number;
  /** How many of those one client may have. */
  readonly maxConcurrencyPerClient: number;
  /** How many more may wait. */
  readonly maxQueue: number;
  /** How long, in ms; `null` for no bound, as JSON writes `Infinity`. */
  readonly maxQueueWait: number | null;
  /** The largest message, in bytes. */
  readonly maxMessageSize: number;
  /** How many clients are remembered. */
  readonly maxClients: number;
  /** How many connections one client may have. */
  readonly maxConnections: number;
  /** How long the server waits for calls when it leaves, in ms. */
  readonly drainTimeout: number;
  /** How long ended calls are remembered, so that a repetition does not run, in ms. */
  readonly replayWindow: number;
}

/** What a server answers to a call of `$freelance.info`: what it is, and what it offers. See `PROTOCOL.md`, "Introspection". */
export interface FreelanceInfo {
  /** The option `serverId`. */
  readonly id: string;
  /** The implementation of the protocol. */
  readonly library: {
    /** `nestjs-freelance`, of this one. */
    readonly name: string;
    /** By Semantic Versioning. */
    readonly version: string;
  };
  /** The option `service`; missing without it. */
  readonly service?: string;
  /** The option `zone`; missing without it. */
  readonly zone?: string;
  /** The option `weight`; missing without it. */
  readonly weight?: number;
  /** The version of `@nestjs/core`; missing where that is not known, as in a bundle. */
  readonly nest?: string;
  /** The version of Node, or the one that another runtime says it is compatible with. */
  readonly node: string;
  /** What implements ZeroMQ's protocol. */
  readonly engine: FreelanceEngine;
  /** The id of its process. */
  readonly pid: number;
  /** When the server began to listen, in ms since 1970 by its machine's clock. */
  readonly startedAt: number;
  /** For how long it has listened since. */
  readonly uptimeMs: number;
  /** The addresses that were bound, with the ports that `*` stood for. */
  readonly endpoints: readonly string[];
  /** Whether it takes calls. */
  readonly state: ServerState;
  /** How clients are authenticated; `null` is the mechanism without security. */
  readonly mechanism: 'null' | 'plain' | 'curve' | 'tls';
  /**
   * The patterns that have handlers, sorted, at most 1000, and at most 256 KiB of them; without `PING` and `REQUEST`. A
   * pattern for both calls and events is listed twice.
   */
  readonly patterns: readonly PatternInfo[];
  /** How many there are beside these; missing if there are none. */
  readonly morePatterns?: number;
  /** What it bounds. */
  readonly limits: ServerLimits;
}

/** What a server answers to a call of `$freelance.stats`: what it has done. See `PROTOCOL.md`, "Introspection". */
export interface FreelanceStats {
  /** The option `serverId`. */
  readonly id: string;
  /** When this was counted, in ms since 1970 by the server's clock: one that is asked too often may repeat itself. */
  readonly at: number;
  /** For how long it has listened, in ms. */
  readonly uptimeMs: number;
  /** Whether it takes calls. */
  readonly state: ServerState;
  /** What `server.stats()` tells. JSON leaves out members that are undefined, such as quantiles of no calls. */
  readonly stats: ServerStats;
}

export interface IntrospectionDeps {
  readonly options: ResolvedServerOptions;
  readonly log: ErrorLog;
  /** In ms, by the clock of the agent. */
  now(): number;
  /** The addresses that were bound. */
  endpoints(): readonly string[];
  state(): ServerState;
  stats(): ServerStats;
  registered(): Iterable<RegisteredPattern>;
}

/** Answers what comes for reserved patterns, in place of handlers of the user's. From one `listen` on to the next `close`. */
export class Introspection {
  readonly #deps: IntrospectionDeps;
  readonly #startedAt = Date.now();
  readonly #startedNow: number;
  readonly #answers: ReadonlyMap<string, PacedJson>;

  constructor(deps: IntrospectionDeps) {
    this.#deps = deps;
    this.#startedNow = deps.now();
    this.#answers = new Map([
      [INFO_PATTERN, new PacedJson(() => this.#info(), ANSWERS)],
      [STATS_PATTERN, new PacedJson(() => this.#stats(), ANSWERS)],
    ]);
  }

  /** Whether a call or an event is for a reserved pattern, whether or not that is offered. */
  isFor({ request }: ServerCall | ServerEvent): boolean {
    return reservedNameOf(request.pattern) !== undefined;
  }

  answer(call: ServerCall): void {
    const answer = this.#isOffered && this.#answers.get(reservedNameOf(call.request.pattern) ?? '');
    if (!answer) {
      this.#deps.log.debug('introspection', NOT_OFFERED);
      call.error(NO_MESSAGE_HANDLER, 'NO_HANDLER');
      return;
    }
    let content: Content;
    try {
      content = answer.content;
    } catch (error) {
      // A subclass may override what is asked here, and throw.
      failInternally(call, error, this.#deps.log);
      return;
    }
    call.last({ type: 'json', content });
  }

  /** An event of a reserved pattern means nothing. */
  ignore(event: ServerEvent): void {
    this.#deps.log.debug('introspection', NOT_OFFERED);
    event.over();
  }

  /** Decided by what was really bound. */
  get #isOffered(): boolean {
    const { introspection } = this.#deps.options;
    if (introspection !== 'local') return introspection;
    const endpoints = this.#deps.endpoints();
    return endpoints.length > 0 && endpoints.every(isLocal);
  }

  get #uptimeMs(): number {
    return Math.round(this.#deps.now() - this.#startedNow);
  }

  #info(): FreelanceInfo {
    const { options } = this.#deps;
    const { agent, drainTimeout, engine, security } = options;
    const nest = nestVersion();
    return {
      id: agent.serverId,
      library: PACKAGE,
      ...agent.traits,
      ...(nest !== undefined && { nest }),
      node: process.versions.node,
      engine,
      pid: process.pid,
      startedAt: this.#startedAt,
      uptimeMs: this.#uptimeMs,
      endpoints: this.#deps.endpoints(),
      state: this.#deps.state(),
      mechanism: security?.own.mechanism ?? 'null',
      ...listPatterns(this.#deps.registered()),
      limits: {
        maxConcurrency: agent.maxConcurrency,
        maxConcurrencyPerClient: agent.maxConcurrencyPerClient,
        maxQueue: agent.maxQueue,
        maxQueueWait: agent.maxQueueWait === Infinity ? null : agent.maxQueueWait,
        maxMessageSize: agent.maxMessageSize,
        maxClients: agent.maxClients,
        maxConnections: agent.maxConnections,
        drainTimeout,
        replayWindow: agent.replayWindow,
      },
    };
  }

  #stats(): FreelanceStats {
    return {
      id: this.#deps.options.agent.serverId,
      at: Date.now(),
      uptimeMs: this.#uptimeMs,
      state: this.#deps.state(),
      stats: this.#deps.stats(),
    };
  }
}

/** Of how many kinds its answers are. */
const ANSWERS = 2;

const NOT_OFFERED =
  'A client has used a pattern that begins with $freelance. and is not offered here. The option introspection says ' +
  'whether $freelance.info and $freelance.stats are.';
