import { ServerAgent } from '../../agents/server/server-agent.js';
import { noServerStats, type ServerStats } from '../../agents/server/server-stats.js';
import type { Doorkeeper } from '../../security/doorkeeper.js';
import { addSource, type ServerSource } from '../../telemetry/sources.js';
import type { BoundedLog } from '../bounded-log.js';
import type { FreelanceStatus } from '../freelance-transport.js';
import { guarded } from '../../core/guarded.js';
import type { Listeners } from '../listeners.js';
import { badOptions } from '../options/bad-options.js';
import type { ResolvedServerOptions } from '../options/server-options.js';
import { shown } from '../options/shown.js';
import type { Platform } from '../platform.js';
import { HandlerRunner, patternAsText } from './handler-runner.js';
import { Introspection } from './introspection.js';
import { ListeningLog } from './listening-log.js';
import type { NestHandlers } from './nest-handlers.js';
import type { FreelanceServerEvents } from './server-events.js';
import { serverHandler } from './server-handler.js';
import { TimedCodec } from './timed-codec.js';

/** How long the answer of a readiness check holds, in ms: the default heartbeat interval of a client. */
const READINESS_INTERVAL_MS = 1000;

/** In ms. ZMTP's heartbeats find clients that vanished without closing their connection, so that their sessions go. */
const CLIENT_HEARTBEATS = { heartbeatInterval: 5000, heartbeatTimeout: 15_000 };

export interface ServerLifecycleDeps {
  readonly doorkeeper: Doorkeeper | undefined;
  readonly handlers: NestHandlers;
  readonly log: BoundedLog;
  readonly events: Pick<Listeners<FreelanceServerEvents>, 'emit'>;
  readonly status: (status: FreelanceStatus) => void;
  readonly platform: Platform;
}

/** The agent of a server: opened to listen, drained, closed, and opened anew to listen again. */
export class ServerLifecycle {
  readonly #options: ResolvedServerOptions;
  readonly #deps: ServerLifecycleDeps;
  readonly #listeningLog: ListeningLog;
  /** What asks the server for its figures does not keep it alive. */
  readonly #source: ServerSource;
  #agent: ServerAgent | undefined;
  #removeSource: (() => void) | undefined;
  /** Resolves each `close()` that waits for the server to leave. */
  readonly #closing: (() => void)[] = [];
  #isSetReady = true;

  constructor(options: ResolvedServerOptions, deps: ServerLifecycleDeps) {
    this.#options = options;
    this.#deps = deps;
    const { agent, security } = options;
    this.#source = {
      kind: 'server',
      server: deps.handlers.server,
      figures: () => this.#agent?.figures() ?? { running: 0, queued: 0 },
    };
    this.#listeningLog = new ListeningLog(deps.log, agent.serverId, security?.own.mechanism);
  }

  get endpoints(): readonly string[] {
    return [...(this.#agent?.endpoints ?? [])];
  }

  listen(callback: (error?: unknown) => void): void {
    const { log, events, handlers, status } = this.#deps;
    const tell = guarded(callback, (error) => log.error('listener', error));
    if (this.#agent) {
      tell(new Error(this.#closing.length > 0 ? STILL_CLOSING : LISTENS_ALREADY));
      return;
    }
    const agent = this.#open();
    this.#agent = agent;
    this.#removeSource = addSource(this.#source);
    agent.bind(this.#options.bind).then(
      () => {
        const { endpoints } = agent;
        this.#listeningLog.listens(endpoints, handlers.atMostOnce.names);
        status('connected');
        events.emit('listening', [...endpoints]);
        tell();
      },
      (error: unknown) => {
        if (this.#agent === agent) this.#forget();
        status('disconnected');
        tell(error);
      },
    );
  }

  /** Drains. Resolves once the server has left, and may listen again; never rejects. */
  close(): Promise<void> {
    const agent = this.#agent;
    if (!agent) return Promise.resolve();
    return new Promise((resolve) => {
      this.#closing.push(resolve);
      agent.drain(this.#options.drainTimeout);
    });
  }

  /** @throws FreelanceError `BAD_OPTIONS` if that is not a boolean */
  setReady(isReady: boolean): void {
    if (typeof isReady !== 'boolean')
      throw badOptions(`setReady takes true or false, but got ${shown(isReady)}`);
    this.#isSetReady = isReady;
    this.#agent?.readiness.setReady(isReady);
  }

  /** Whether it takes calls now. Never rejects. */
  isReady(): Promise<boolean> {
    const agent = this.#agent;
    if (!agent || agent.endpoints.length === 0) return Promise.resolve(false);
    return agent.readiness.isReady();
  }

  stats(): ServerStats {
    return this.#agent?.stats() ?? noServerStats();
  }

  /** @throws Error while the server does not listen */
  unwrap(): unknown {
    if (!this.#agent) throw new Error('The server does not listen: there is no socket to unwrap.');
    return this.#agent.unwrap();
  }

  #forget(): void {
    this.#agent = undefined;
    this.#removeSource?.();
  }

  #left(): void {
    this.#forget();
    for (const resolve of this.#closing.splice(0)) resolve();
    this.#deps.status('disconnected');
    this.#deps.events.emit('close');
  }

  #open(): ServerAgent {
    const { engine, maxConnections, guideIdentity, agent: options, codec } = this.#options;
    const { doorkeeper, handlers, log, events, platform } = this.#deps;
    const now = () => platform.environment.clock.now();
    const after = (ms: number, run: () => void) => agent.after(ms, run);
    const agent: ServerAgent = new ServerAgent(
      {
        ...options,
        readinessInterval: READINESS_INTERVAL_MS,
        servesGuide: guideIdentity !== undefined,
        atMostOnce: handlers.atMostOnce,
        isAtMostOnce: (pattern) => handlers.isAtMostOnce(patternAsText(pattern)),
        hasHandler: (pattern) => handlers.has(pattern),
      },
      platform.socketsOf(engine, {
        ...CLIENT_HEARTBEATS,
        maxMessageSize: options.maxMessageSize,
        maxConnections,
        routingId: guideIdentity,
        doorkeeper,
      }),
      platform.environment,
      serverHandler({
        runner: new HandlerRunner(handlers, new TimedCodec(codec, after), now),
        introspection: new Introspection({
          options: this.#options,
          log,
          now,
          endpoints: () => agent.endpoints,
          state: () => agent.readiness.state,
          stats: () => agent.stats(),
          registered: () => handlers.registered(),
        }),
        log,
        events,
        server: handlers.server,
        left: () => this.#left(),
      }),
    );
    agent.readiness.setReady(this.#isSetReady);
    platform.serverOpened?.(agent);
    return agent;
  }
}

const STILL_CLOSING = 'The server is still closing: wait for close() before it listens again.';

const LISTENS_ALREADY = 'The server listens already: close it before it can listen again.';
