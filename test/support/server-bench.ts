import type { Pattern, RefusalReason } from '../../lib/protocol/headers.js';
import { ServerAgent, type ServerAgentOptions } from '../../lib/agents/server/server-agent.js';
import type { ServerHandler } from '../../lib/agents/server/server-handler.js';
import type { ServerRequest } from '../../lib/agents/server/read-request.js';
import type { ServerCall } from '../../lib/agents/server/server-call.js';
import type { ServerEvent } from '../../lib/agents/server/server-event.js';
import { FakeServerSocket, FakeSockets } from './fake-sockets.js';
import { ManualClock } from './manual-clock.js';
import { seededRandom } from './random.js';
import { Turns } from './turns.js';

/** A server agent on a bench: the test plays its clients, runs its calls, and is its clock. */
export class ServerBench {
  readonly clock = new ManualClock();
  readonly turns = new Turns();
  readonly calls: ServerCall[] = [];
  readonly events: ServerRequest[] = [];
  /** Events whose handlers run, until the test says that they have ended. */
  readonly runningEvents: ServerEvent[] = [];
  readonly dropped: string[] = [];
  readonly declined: { readonly reason: RefusalReason; readonly pattern: Pattern | undefined }[] =
    [];
  /** `began` or `ended`, and the addresses that were told. */
  readonly drains: string[][] = [];
  /** When the server had left. */
  readonly leftAt: number[] = [];
  /** What the handler does at once with a call. */
  whenCalled: (call: ServerCall) => void = () => {};
  isReady: () => Promise<boolean> = () => Promise.resolve(true);
  readonly #sockets = new FakeSockets();
  readonly agent: ServerAgent;

  constructor(options: Partial<ServerAgentOptions> = {}) {
    const handler: ServerHandler = {
      handle: (call) => {
        this.calls.push(call);
        this.whenCalled(call);
      },
      event: (event) => {
        this.events.push(event.request);
        this.runningEvents.push(event);
      },
      isReady: () => this.isReady(),
      declined: (reason, pattern) => this.declined.push({ reason, pattern }),
      draining: (endpoints) => this.drains.push(['began', ...endpoints]),
      refused: () => {},
      undecided: () => {},
      dropped: (reason) => this.dropped.push(reason),
      acceptFailed: () => {},
      failed: () => {},
      left: (endpoints) => {
        this.leftAt.push(this.clock.now());
        this.drains.push(['ended', ...endpoints]);
      },
    };
    this.agent = new ServerAgent(
      {
        serverId: 'server-1',
        readinessInterval: 1000,
        maxConcurrency: 1024,
        maxConcurrencyPerClient: options.maxConcurrency ?? 1024,
        maxClients: 10_000,
        maxConnections: options.maxClients ?? 10_000,
        maxQueue: 1024,
        maxQueueWait: 100,
        replayWindow: 0,
        maxMessageSize: 2 ** 24,
        ...options,
      },
      this.#sockets,
      { clock: this.clock, random: seededRandom(1), atTurnEnd: this.turns.atTurnEnd },
      handler,
    );
  }

  async listen(): Promise<FakeServerSocket> {
    await this.agent.bind(['tcp://127.0.0.1:5555']);
    return this.socket;
  }

  get socket(): FakeServerSocket {
    if (!this.#sockets.server) throw new Error('the server does not listen');
    return this.#sockets.server;
  }

  /** Runs what waits for a promise. */
  async settle(): Promise<void> {
    await new Promise(setImmediate);
  }
}
