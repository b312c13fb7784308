import type { CallHandle, CallRequest } from '../../lib/agents/client/call-contract.js';
import type { Failover } from '../../lib/agents/client/attempt-reports.js';
import { ClientAgent } from '../../lib/agents/client/client-agent.js';
import type { ClientAgentOptions } from '../../lib/agents/client/client-agent-options.js';
import { roundRobin } from '../../lib/core/balancers/round-robin.js';
import { FreelanceError, type FreelanceErrorCode } from '../../lib/core/freelance-error.js';
import type { HealthState } from '../../lib/core/health.js';
import type { ServerTarget } from '../../lib/core/server-target.js';
import { encodeBody } from '../../lib/protocol/body.js';
import type { Hello } from '../../lib/protocol/hello.js';
import type { ReplyStatus } from '../../lib/protocol/headers.js';
import type {
  ClientMessage,
  Dialect,
  Id,
  OutgoingReply,
  Ping,
  Pong,
  Request,
} from '../../lib/protocol/messages.js';
import type { LossCause } from '../../lib/sockets/socket-port.js';
import { type FakeConnection, FakeSockets } from './fake-sockets.js';
import { isUnexpected } from '../../lib/nest/client/blame.js';
import { ManualClock } from './manual-clock.js';
import { seededRandom } from './random.js';
import { Turns } from './turns.js';

export const A = 'tcp://10.0.0.1:5555';
export const B = 'tcp://10.0.0.2:5555';
export const C = 'tcp://10.0.0.3:5555';

export type BenchOptions = Partial<ClientAgentOptions> & { readonly endpoints?: readonly string[] };

/** A client agent on a bench: the test plays its servers, moves its clock and ends its turns. */
export class ClientBench {
  readonly clock = new ManualClock();
  readonly turns = new Turns();
  readonly sockets = new FakeSockets();
  readonly agent: ClientAgent;
  /** `endpoint state`, as they happened. */
  readonly changes: string[] = [];
  readonly failovers: Failover[] = [];
  readonly usable: boolean[] = [];
  /** What a listener does when it is told of a change. */
  whenChanged = () => {};
  readonly #servers = new Map<FakeConnection, FakeServer>();

  #targets: readonly ServerTarget[];

  constructor({ endpoints = [A, B], targets, ...options }: BenchOptions = {}) {
    this.#targets = targets ?? endpoints.map((endpoint) => ({ endpoint }));
    this.agent = new ClientAgent(
      {
        clientId: 'client-1',
        targets: this.#targets,
        heartbeat: { interval: 1000, timeout: 3000 },
        maxFailures: 3,
        connectTimeout: 5000,
        backoff: { initial: 100, max: 10_000 },
        balancer: roundRobin(),
        maxPending: 100,
        maxPendingPerServer: Infinity,
        maxMessageSize: 2 ** 24,
        retryBudget: { ratio: 0.2, minPerSecond: 10 },
        isFailure: isUnexpected,
        ...options,
      },
      this.sockets,
      { clock: this.clock, random: seededRandom(1), atTurnEnd: this.turns.atTurnEnd },
      {
        stateChanged: (endpoint, { to }) => {
          this.changes.push(`${endpoint} ${to}`);
          this.whenChanged();
        },
        usableChanged: (isUsable) => this.usable.push(isUsable),
        failedOver: (failover) => this.failovers.push(failover),
        dropped: () => {},
      },
    );
  }

  add(endpoint: string): void {
    this.#replace([...this.#targets, { endpoint }]);
  }

  remove(gone: string): void {
    this.#replace(this.#targets.filter(({ endpoint }) => endpoint !== gone));
  }

  #replace(targets: readonly ServerTarget[]): void {
    this.#targets = targets;
    this.agent.replaceServers(targets);
  }

  get states(): HealthState[] {
    return Object.values(this.agent.stats().endpoints).map(({ state }) => state);
  }

  /** The other end of the connection of the moment. */
  server(endpoint: string): FakeServer {
    const connection = this.sockets.to(endpoint);
    const server = this.#servers.get(connection) ?? new FakeServer(connection);
    this.#servers.set(connection, server);
    return server;
  }

  /** Brings these servers up: their connection stands, and they answer the first PING. */
  up(...endpoints: string[]): FakeServer[] {
    return endpoints.map((endpoint) => this.server(endpoint).accept().pong());
  }

  /** Brings these servers up as ones that understand PACK. */
  packing(...endpoints: string[]): FakeServer[] {
    return endpoints.map((endpoint) => this.server(endpoint).accept().pong('negotiated', PACKS));
  }

  call(options: CallOptions = {}): ObservedCall {
    const observed = new ObservedCall();
    observed.handle = this.agent.call(callRequest(options), observed);
    return observed;
  }

  /** Lets time pass while these servers answer each PING. */
  beat(ms: number, ...endpoints: string[]): void {
    for (let passed = 0; passed < ms; passed += 10) {
      this.clock.advance(10);
      for (const endpoint of endpoints) this.server(endpoint).pong();
    }
  }
}

export type CallOptions = Partial<CallRequest> & { readonly data?: unknown };

export function callRequest({ data = 'data', ...request }: CallOptions = {}): CallRequest {
  return {
    kind: 'request',
    pattern: 'echo',
    body: encodeBody(data),
    requestTimeout: 5000,
    maxAttempts: 3,
    idempotent: true,
    timeout: Infinity,
    ...request,
  };
}

/** What came of a call. */
export class ObservedCall {
  readonly values: unknown[] = [];
  readonly ends: unknown[] = [];
  handle: CallHandle | undefined;
  /** What its caller does then. */
  whenEnded = () => {};

  cancel(): void {
    this.handle?.cancel();
  }

  next(value: unknown): void {
    this.values.push(value);
  }

  complete(): void {
    this.ends.push('complete');
    this.whenEnded();
  }

  error(error: unknown, judge?: (error: unknown) => void): void {
    judge?.(error);
    this.ends.push(error);
    this.whenEnded();
  }

  /** The code of the error that ended it, if one of ours did. */
  get code(): FreelanceErrorCode | undefined {
    const [end] = this.ends;
    return end instanceof FreelanceError ? end.code : undefined;
  }
}

type Told = Exclude<ClientMessage, Ping | Request>;

/** The other end of a client's connection. */
export class FakeServer {
  readonly #requests: Request[] = [];
  readonly #pings: { id: Id; time: Id }[] = [];
  readonly #others: Told[] = [];

  constructor(readonly connection: FakeConnection) {}

  accept(): this {
    this.connection.listener.onReady();
    return this;
  }

  /** Answers every PING that is unanswered. */
  pong(dialect: Dialect = 'negotiated', hello: Partial<Hello> = {}): this {
    this.#read();
    for (const { id, time } of this.#pings.splice(0)) {
      this.connection.says(pongOf(dialect, id, time, hello));
    }
    return this;
  }

  /** The REQUESTs that came since this was last asked. */
  requests(): Request[] {
    this.#read();
    return this.#requests.splice(0);
  }

  /** What came besides PINGs and REQUESTs, since this was last asked. */
  told(): Told[] {
    this.#read();
    return this.#others.splice(0);
  }

  reply(request: Request, value: unknown, status: ReplyStatus = 'last'): this {
    this.connection.says(replyTo(request, value, status));
    return this;
  }

  lost(reason = 'the connection was closed', cause?: LossCause): this {
    this.connection.listener.onLost(reason, cause);
    return this;
  }

  #read(): void {
    for (const message of this.connection.received()) {
      if (message.type === 'request') this.#requests.push(message);
      else if (message.type !== 'ping') this.#others.push(message);
      else if ('id' in message) this.#pings.push(message);
      else this.#pings.push({ id: '', time: '' });
    }
  }
}

const CAPABILITIES = ['event', 'stream', 'cancel', 'drain'];

/** What a server says that understands PACK. */
export const PACKS: Partial<Hello> = { capabilities: [...CAPABILITIES, 'pack'] };

function pongOf(dialect: Dialect, id: Id, time: Id, hello: Partial<Hello>): Pong {
  switch (dialect) {
    case 'basic':
      return { type: 'pong', dialect, serverId: 'server' };
    case 'guide':
      return { type: 'pong', dialect };
    case 'tracked':
      return { type: 'pong', dialect, id, time };
    case 'negotiated':
      return {
        type: 'pong',
        dialect,
        id,
        time,
        hello: {
          protocol: 2,
          id: 'server',
          capabilities: CAPABILITIES,
          state: 'ready',
          load: 0,
          ...hello,
        },
      };
  }
}

function replyTo(request: Request, value: unknown, status: ReplyStatus): OutgoingReply {
  const { type, content: body } = encodeBody(value);
  switch (request.dialect) {
    case 'basic':
      return { type: 'reply', dialect: 'basic', body };
    case 'tracked':
    case 'guide':
      return { type: 'reply', dialect: request.dialect, id: request.id, body };
    case 'negotiated':
      return {
        type: 'reply',
        dialect: 'negotiated',
        id: request.id,
        body,
        headers: { status, type },
      };
  }
}
