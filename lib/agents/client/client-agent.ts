import type { Backoff } from '../../core/backoff.js';
import type { Balancer } from '../../core/balancer.js';
import type { FreelanceError } from '../../core/freelance-error.js';
import type { HealthPolicy, HealthState } from '../../core/health.js';
import type { HeartbeatPolicy } from '../../core/heartbeat.js';
import { Pool } from '../../core/pool.js';
import type { RetryBudgetPolicy } from '../../core/retry-budget.js';
import type { SubsetPolicy } from '../../core/subset.js';
import { AtMostOncePatterns, NAMED_TO_CLIENT } from '../../protocol/at-most-once.js';
import { CAPABILITIES, type Hello, PROTOCOL_VERSION } from '../../protocol/hello.js';
import { areTooLong, exceeds } from '../../protocol/size.js';
import type { SocketPort } from '../../sockets/socket-port.js';
import { Agenda } from '../agenda.js';
import type { Environment } from '../clock.js';
import { DropCounter, type DropReason } from '../drop-counter.js';
import { broadcast, type BroadcastObserver } from './broadcast.js';
import type { CallHandle, CallObserver, CallRequest } from './call.js';
import type { ClientStats } from './client-stats.js';
import { ConnectWaiter } from './connect-waiter.js';
import { type HeldCall, HeldCalls } from './held-calls.js';
import {
  describeFailure,
  describeHeld,
  describeLongHeaders,
  describeOverload,
  describeSubset,
  describeTooLarge,
} from './describe-failure.js';
import { Dispatcher } from './dispatcher.js';
import { type LinkHost, ServerLink } from './server-link.js';
import { Watch } from './watch.js';

export interface ClientAgentOptions {
  readonly clientId: string;
  readonly endpoints: readonly string[];
  readonly heartbeat: HeartbeatPolicy;
  readonly maxFailures: number;
  readonly connectTimeout: number;
  readonly backoff: Backoff;
  readonly balancer: Balancer;
  readonly maxPending: number;
  readonly maxPendingPerServer: number;
  readonly maxMessageSize: number;
  readonly retryBudget: RetryBudgetPolicy;
  /** Whether the server is to blame for what a call failed with. Must not throw. */
  readonly isFailure: (error: unknown) => boolean;
  /** Undefined: all servers are watched. */
  readonly subset?: SubsetPolicy | undefined;
}

export interface StateChange {
  readonly from: HealthState;
  readonly to: HealthState;
  /** Empty where there is nothing to explain. */
  readonly reason: string;
  /** How the server calls itself; undefined if it has not said. */
  readonly serverId: string | undefined;
}

/** What happens to an agent that is worth telling: to a log, to listeners. */
export interface ClientAgentObserver {
  stateChanged(endpoint: string, change: StateChange): void;
  /** Whether there is a server to call. */
  usableChanged(isUsable: boolean): void;
  dropped(reason: DropReason, endpoint: string): void;
}

/**
 * A client: the servers it knows, each behind its link, and the calls it has open, in the hands of the
 * dispatcher. It owns the agenda, and with it the only timer.
 */
export class ClientAgent {
  readonly #options: ClientAgentOptions;
  readonly #environment: Environment;
  readonly #observer: ClientAgentObserver;
  readonly #agenda: Agenda;
  readonly #pool: Pool<ServerLink>;
  readonly #dispatcher: Dispatcher;
  readonly #host: LinkHost;
  readonly #watch: Watch<ServerLink>;
  readonly #healthPolicies: HealthPolicies;
  /** Links of servers that are no longer watched, which still carry calls. */
  readonly #leaving = new Set<ServerLink>();
  readonly #connecting = new Set<ConnectWaiter>();
  readonly #held: HeldCalls;
  readonly #drops = new DropCounter();
  #wasUsable = false;
  #isClosed = false;

  constructor(
    options: ClientAgentOptions,
    sockets: SocketPort,
    environment: Environment,
    observer: ClientAgentObserver,
  ) {
    this.#options = options;
    this.#environment = environment;
    this.#observer = observer;
    this.#agenda = new Agenda(environment.clock);
    this.#held = new HeldCalls(this.#agenda);
    this.#healthPolicies = healthPolicies(options, () => this.#pool.mayEject());
    this.#pool = new Pool(options.balancer, environment.random);
    // What a server has once named holds while the client lives: a call may outlive the server.
    const atMostOnce = new AtMostOncePatterns(NAMED_TO_CLIENT);
    const dropped = (reason: DropReason, endpoint: string) => this.#dropped(reason, endpoint);
    this.#dispatcher = new Dispatcher(this.#pool, this.#agenda, environment.clock, {
      patience: options.connectTimeout,
      retryBudget: options.retryBudget,
      random: environment.random,
      atMostOnce,
      isFailure: options.isFailure,
      dropped,
    });
    this.#host = {
      environment,
      sockets,
      agenda: this.#agenda,
      heartbeat: options.heartbeat,
      maxPending: options.maxPendingPerServer,
      maxMessageSize: options.maxMessageSize,
      healthPolicy: () =>
        this.#pool.isUsable || this.#pool.isUnauthorized
          ? this.#healthPolicies.usual
          : this.#healthPolicies.urgent,
      hello: clientHello(options),
      attempts: this.#dispatcher,
      atMostOnce,
      healthChanged: (link, from) => this.#healthChanged(link, from),
      recovered: (link, now) => this.#pool.recovered(link, now),
      isOutlier: (link, now, isOnTrial) => this.#pool.isOutlier(link, now, isOnTrial),
      overdue: (link, now) => this.#dispatcher.overdue(link, now),
      tierChanged: () => this.#tierChanged(),
      roomGained: (link) => this.#roomGained(link),
      dropped,
    };
    this.#watch = new Watch(options.endpoints, options.subset, {
      environment,
      agenda: this.#agenda,
      pool: this.#pool,
      watch: (endpoint) => this.#open(endpoint),
      unwatch: (link) => this.#leave(link),
    });
  }

  /**
   * Resolves once a server has answered.
   *
   * @throws FreelanceError `ECONNREFUSED` if none has after `connectTimeout`
   * @throws FreelanceError `UNAUTHORIZED` as soon as each of them refuses this client
   */
  connect(): Promise<void> {
    return this.#pool.isUsable && !this.#isClosed ? CONNECTED : this.#untilUsable();
  }

  async #untilUsable(): Promise<void> {
    if (this.#isClosed) throw describeFailure('CLOSED', this.#pool.members);
    if (this.#pool.isUnauthorized) throw describeFailure('UNAUTHORIZED', this.#pool.members);
    if (!this.#hasRoomFor(1)) throw describeOverload(this.#options.maxPending);
    await new Promise<void>((resolve, reject) => {
      const waiter = new ConnectWaiter(resolve, reject, () => {
        this.#connecting.delete(waiter);
        reject(describeFailure('ECONNREFUSED', this.#pool.members));
      });
      this.#connecting.add(waiter);
      this.#agenda.schedule(waiter, this.#now() + this.#options.connectTimeout);
    });
  }

  /** Starts a call; the observer hears all that comes of it. */
  call(request: CallRequest, observer: CallObserver): CallHandle {
    const refusal = this.#refusalOf(request);
    if (!refusal) return this.#dispatcher.call(request, observer);
    observer.error(refusal);
    return NO_CALL;
  }

  /**
   * Counts a call among the open ones that the user's serializer or deserializer has.
   *
   * @param timeout what is left of its time, in ms
   * @param ended told once, unless it is released before
   * @throws FreelanceError `CLOSED`, or, of a call that is new, `OVERLOADED`
   */
  hold(
    by: 'serializer' | 'deserializer',
    timeout: number,
    ended: (error: FreelanceError) => void,
  ): HeldCall {
    if (this.#isClosed) throw describeFailure('CLOSED', this.#pool.members);
    if (by === 'serializer' && !this.#hasRoomFor(1))
      throw describeOverload(this.#options.maxPending);
    return this.#held.hold(this.#now() + timeout, (why) => ended(describeHeld(why, by)));
  }

  /**
   * Starts a call at every server: at once where it can be called, as soon as it has answered where that is not known
   * yet. At the others it fails at once.
   */
  broadcast(request: CallRequest, observer: BroadcastObserver): CallHandle {
    const links = this.#pool.members;
    const refusal = this.#options.subset
      ? describeSubset('setBroadcast')
      : this.#refusalOf(request, links.filter(({ isLost }) => !isLost).length);
    if (refusal) observer.error(refusal);
    else if (links.length === 0)
      observer.error(describeFailure('ECONNREFUSED', this.#pool.members));
    else return broadcast(this.#dispatcher, links, request, observer);
    return NO_CALL;
  }

  addEndpoint(endpoint: string): void {
    if (!this.#isClosed) this.#watch.add(endpoint);
  }

  /** Takes a server out of use. Calls in flight there are still answered. */
  removeEndpoint(endpoint: string): void {
    if (!this.#isClosed) this.#watch.remove(endpoint);
  }

  /** Fails what is open with `CLOSED` and closes every connection. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const link of [...this.#pool.members, ...this.#leaving]) link.close();
    for (const waiter of this.#connecting) {
      waiter.reject(describeFailure('CLOSED', this.#pool.members));
    }
    this.#connecting.clear();
    this.#dispatcher.close();
    this.#held.close();
    this.#agenda.stop();
  }

  stats(): ClientStats {
    const now = this.#now();
    return {
      endpoints: Object.fromEntries(
        this.#pool.members.map((link) => [link.endpoint, link.stats(now)]),
      ),
      unwatched: this.#watch.unwatched,
      pending: this.#dispatcher.open + this.#held.size,
      retryBudget: this.#dispatcher.retryBudget(now),
      hedges: this.#dispatcher.hedges.counts,
      panics: this.#pool.panics,
      dropped: this.#drops.snapshot(),
    };
  }

  /** The ZeroMQ sockets, by endpoint. */
  unwrap(): Map<string, unknown> {
    return new Map(this.#pool.members.map((link) => [link.endpoint, link.unwrap()]));
  }

  #open(endpoint: string): void {
    const link = new ServerLink(endpoint, this.#host);
    this.#pool.add(link);
    link.open();
  }

  #leave(link: ServerLink): void {
    this.#pool.remove(link);
    link.isRemoved = true;
    this.#leaving.add(link);
    this.#closeIfLeft(link);
    this.#serversChanged();
  }

  #tierChanged(): void {
    this.#pool.healthChanged();
    this.#updateWatch();
    this.#serversChanged();
  }

  #healthChanged(link: ServerLink, from: HealthState): void {
    this.#pool.healthChanged();
    if (!this.#leaving.has(link)) {
      const { endpoint, health, serverId } = link;
      const reason = 'because' in health ? health.because : '';
      this.#observer.stateChanged(endpoint, { from, to: health.state, reason, serverId });
    }
    this.#updateWatch();
    this.#serversChanged();
  }

  /** Who hears of a change may have closed the client. */
  #updateWatch(): void {
    if (!this.#isClosed) this.#watch.update();
  }

  #roomGained(link: ServerLink): void {
    this.#closeIfLeft(link);
    this.#dispatcher.roomGained(link);
  }

  /** Servers came or went, or may be usable that were not, or not be so any more. */
  #serversChanged(): void {
    this.#usabilityMayHaveChanged();
    this.#dispatcher.serversChanged();
  }

  #usabilityMayHaveChanged(): void {
    const { isUsable, isUnauthorized } = this.#pool;
    if (isUnauthorized) this.#nothingToWaitFor();
    if (isUsable === this.#wasUsable) return;
    this.#wasUsable = isUsable;
    this.#observer.usableChanged(isUsable);
    if (!isUsable) {
      for (const link of this.#pool.members) link.needed();
      return;
    }
    for (const link of this.#pool.members) link.hopedFor();
    for (const waiter of this.#connecting) {
      this.#agenda.cancel(waiter);
      waiter.resolve();
    }
    this.#connecting.clear();
  }

  /** Every server refuses this client. */
  #nothingToWaitFor(): void {
    for (const waiter of this.#connecting) {
      this.#agenda.cancel(waiter);
      waiter.reject(describeFailure('UNAUTHORIZED', this.#pool.members));
    }
    this.#connecting.clear();
    this.#dispatcher.failWaiting('UNAUTHORIZED');
  }

  #closeIfLeft(link: ServerLink): void {
    if (link.pending === 0 && this.#leaving.delete(link)) link.close();
  }

  #dropped(reason: DropReason, endpoint: string): void {
    if (this.#drops.count(reason, this.#now())) this.#observer.dropped(reason, endpoint);
  }

  /**
   * Why the client does not even begin the call; undefined if it does.
   *
   * @param calls how many it would have open for it
   */
  #refusalOf(request: CallRequest, calls = 1): FreelanceError | undefined {
    const { maxPending, maxMessageSize, subset } = this.#options;
    if (this.#isClosed) return describeFailure('CLOSED', this.#pool.members);
    if (!this.#hasRoomFor(calls)) return describeOverload(maxPending, calls);
    if (subset && request.routingKey !== undefined) return describeSubset('setRoutingKey');
    if (exceeds(request.body.content, maxMessageSize))
      return describeTooLarge(request, maxMessageSize);
    return areTooLong(request) ? describeLongHeaders(request) : undefined;
  }

  /** Those who wait for a connection count, too: whatever waits has a bound. */
  #hasRoomFor(calls: number): boolean {
    const open = this.#dispatcher.open + this.#held.size + this.#connecting.size;
    return open + calls <= this.#options.maxPending;
  }

  #now(): number {
    return this.#environment.clock.now();
  }
}

/** The usual answer is always the same. */
const CONNECTED = Promise.resolve();

const NO_CALL: CallHandle = { cancel() {}, read() {}, mayHaveRun: 0 };

interface HealthPolicies {
  readonly usual: HealthPolicy;
  /** While no server is usable, dead ones are probed as often as living ones are pinged. */
  readonly urgent: HealthPolicy;
}

function healthPolicies(options: ClientAgentOptions, mayEject: () => boolean): HealthPolicies {
  const { maxFailures, heartbeat, backoff } = options;
  const earlyBackoff = { ...backoff, max: Math.min(backoff.max, heartbeat.interval) };
  const usual = { maxFailures, mayEject, patience: heartbeat.timeout, backoff, earlyBackoff };
  return { usual, urgent: { ...usual, backoff: earlyBackoff } };
}

/** A client is always ready: what it says of itself is who it is and what it can do. */
function clientHello({ clientId, heartbeat, maxMessageSize }: ClientAgentOptions): Hello {
  return {
    protocol: PROTOCOL_VERSION,
    id: clientId,
    capabilities: CAPABILITIES,
    state: 'ready',
    load: 0,
    heartbeat: heartbeat.interval,
    maxMessageSize,
  };
}
