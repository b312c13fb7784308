import type { FreelanceError, FreelanceErrorCode } from '../../core/freelance-error.js';
import type { HealthState } from '../../core/health.js';
import { Pool } from '../../core/pool.js';
import type { ServerTarget } from '../../core/server-target.js';
import { AtMostOncePatterns, NAMED_TO_CLIENT } from '../../protocol/at-most-once.js';
import type { SocketPort } from '../../sockets/socket-port.js';
import type { Environment } from '../clock.js';
import { DropCounter, type DropReason } from '../drop-counter.js';
import { PatternMeters } from '../pattern-meters.js';
import { Scheduler } from '../scheduler.js';
import { AttemptReports } from './attempt-reports.js';
import type { BroadcastObserver } from './broadcast.js';
import { Broadcasts } from './broadcasts.js';
import { CallAdmission } from './call-admission.js';
import { type CallHandle, type CallObserver, type CallRequest, NO_CALL } from './call-contract.js';
import { CallNotifications } from './call-notifications.js';
import type { ClientAgentListener, ClientAgentOptions } from './client-agent-options.js';
import { ClientCallMeter } from './client-call-meter.js';
import type { ClientStats } from './client-stats.js';
import { ConnectWaiters } from './connect-waiters.js';
import { describeFailure } from './describe-failure.js';
import { Dispatcher } from './dispatcher.js';
import { type HeldCall, HeldCalls, type UserCode } from './held-calls.js';
import type { ServerLink } from './server-link.js';
import { ServerLinks } from './server-links.js';

/**
 * A client: puts its servers, its open calls and its notifications together. Its methods are entry points: what they bring
 * about is told before they return or, where a callback calls them, after that callback.
 */
export class ClientAgent {
  readonly #options: ClientAgentOptions;
  readonly #now: () => number;
  readonly #listener: ClientAgentListener;
  readonly #notifications = new CallNotifications();
  readonly #pool: Pool<ServerLink>;
  readonly #scheduler: Scheduler;
  readonly #dispatcher: Dispatcher;
  readonly #servers: ServerLinks;
  readonly #connecting: ConnectWaiters;
  readonly #broadcasts: Broadcasts;
  readonly #held: HeldCalls;
  readonly #admission: CallAdmission;
  readonly #meters = new PatternMeters(() => new ClientCallMeter());
  readonly #drops = new DropCounter();
  #isClosed = false;

  constructor(
    options: ClientAgentOptions,
    sockets: SocketPort,
    environment: Environment,
    listener: ClientAgentListener,
  ) {
    const { clock, random } = environment;
    const notifications = this.#notifications;
    const pool = new Pool<ServerLink>(options.balancer, random, options.zone);
    const scheduler = new Scheduler(clock, notifications);
    // What a server has once named holds while the client lives: a call may outlive the server.
    const atMostOnce = new AtMostOncePatterns(NAMED_TO_CLIENT);
    const dropped = (reason: DropReason, endpoint: string) => this.#dropped(reason, endpoint);
    this.#options = options;
    this.#now = () => clock.now();
    this.#listener = listener;
    this.#pool = pool;
    this.#scheduler = scheduler;
    this.#admission = new CallAdmission(options, {
      open: () => this.#pending + this.#connecting.size,
      closed: () => (this.#isClosed ? this.#failure('CLOSED') : undefined),
    });
    const common = { scheduler, admission: this.#admission, now: this.#now };
    this.#held = new HeldCalls({ ...common, notifications });
    this.#connecting = new ConnectWaiters(options, { ...common, pool });
    const { connectTimeout, retryBudget, isFailure, origin } = options;
    const shared = { pool, scheduler, notifications, atMostOnce };
    const own = { connectTimeout, retryBudget, isFailure, origin, meters: this.#meters, dropped };
    const dispatcher = new Dispatcher({ ...shared, clock, random, ...own });
    const reports = new AttemptReports(notifications, (failover) => listener.failedOver(failover));
    this.#dispatcher = dispatcher;
    this.#broadcasts = new Broadcasts(options, {
      ...common,
      pool,
      notifications,
      dispatcher,
      failure: (code) => this.#failure(code),
      refuse: (request, error, observer) => this.#refuse(request, error, observer),
    });
    this.#servers = notifications.within(
      () =>
        new ServerLinks(
          options,
          { ...shared, environment, sockets, open: dispatcher.open, attempts: dispatcher, reports },
          {
            stateChanged: (endpoint, change) =>
              notifications.tell(() => listener.stateChanged(endpoint, change)),
            serversChanged: () => dispatcher.router.serversChanged(this.#now()),
            usableChanged: (isUsable) => this.#usableChanged(isUsable),
            unauthorized: () => this.#nothingToWaitFor(),
            roomGained: (at) => dispatcher.roomGained(at),
            dropped,
          },
        ),
    );
  }

  /**
   * Resolves once a server has answered.
   *
   * @throws FreelanceError `ECONNREFUSED` if none has after `connectTimeout`
   * @throws FreelanceError `UNAUTHORIZED` as soon as each of them refuses this client
   */
  connect(): Promise<void> {
    return this.#connecting.connect();
  }

  /** Starts a call; the observer hears all that comes of it. */
  call(request: CallRequest, observer: CallObserver): CallHandle {
    const refusal = this.#admission.refusalOf(request);
    this.#notifications.enter();
    try {
      return refusal
        ? this.#refuse(request, refusal, observer)
        : this.#dispatcher.call(request, observer);
    } finally {
      this.#notifications.leave();
    }
  }

  /**
   * Counts a call among the open ones that the user's serializer or deserializer has.
   *
   * @param timeout what is left of its time, in ms
   * @param ended told once, unless it is released before
   * @throws FreelanceError `CLOSED`, or, of a call that is new, `OVERLOADED`
   */
  hold(by: UserCode, timeout: number, ended: (error: FreelanceError) => void): HeldCall {
    return this.#held.hold(by, timeout, ended);
  }

  /**
   * Starts a call at every server: at once where it can be called, as soon as it has answered where that is not known
   * yet. At the others it fails at once.
   */
  broadcast(request: CallRequest, observer: BroadcastObserver): CallHandle {
    return this.#broadcasts.start(request, observer);
  }

  /** From now on these are the servers. Calls in flight at the others are still answered. */
  replaceServers(targets: readonly ServerTarget[]): void {
    this.#notifications.whenDone(() => {
      if (this.#isClosed) return;
      this.#servers.replace(targets);
      this.#broadcasts.serversChanged();
    });
  }

  /** Fails what is open with `CLOSED` and closes every connection. */
  close(): void {
    this.#notifications.whenDone(() => {
      if (this.#isClosed) return;
      this.#isClosed = true;
      this.#servers.close();
      this.#connecting.rejectAll('CLOSED');
      this.#broadcasts.close();
      this.#dispatcher.close();
      this.#held.close();
      this.#scheduler.stop();
    });
  }

  stats(): ClientStats {
    const now = this.#now();
    return {
      ...this.#meters.sum().stats(),
      ...this.#meters.stats((meter) => meter.stats()),
      ...this.#servers.stats(now),
      pending: this.#pending,
      ...this.#dispatcher.stats(now),
      ...this.#sharing(now),
      panics: this.#pool.panics,
      dropped: this.#drops.snapshot(),
    };
  }

  /** What gauges show: a part of `stats()` that costs little. */
  figures(): Pick<ClientStats, 'pending' | 'zone' | 'priorities' | 'discovery'> & {
    states: HealthState[];
  } {
    return {
      pending: this.#pending,
      states: this.#pool.members.map(({ state }) => state),
      ...this.#sharing(this.#now()),
    };
  }

  #sharing(now: number): Pick<ClientStats, 'zone' | 'priorities' | 'discovery'> {
    const { zone, origin } = this.#options;
    return { zone, priorities: [...this.#pool.shares(now)], discovery: origin?.stats() };
  }

  /** The ZeroMQ sockets, by endpoint. */
  unwrap(): Map<string, unknown> {
    return new Map(this.#pool.members.map((link) => [link.endpoint, link.connection?.unwrap()]));
  }

  #usableChanged(isUsable: boolean): void {
    this.#notifications.tell(() => this.#listener.usableChanged(isUsable));
    if (isUsable) this.#connecting.resolveAll();
  }

  /** Every server refuses this client. */
  #nothingToWaitFor(): void {
    this.#connecting.rejectAll('UNAUTHORIZED');
    this.#dispatcher.failWaiting('UNAUTHORIZED');
  }

  #dropped(reason: DropReason, endpoint: string): void {
    if (!this.#drops.count(reason, this.#now())) return;
    this.#notifications.tell(() => this.#listener.dropped(reason, endpoint));
  }

  /** It counts as a call that has failed at once. */
  #refuse(
    { pattern }: CallRequest,
    error: FreelanceError,
    observer: Pick<CallObserver, 'error'>,
  ): CallHandle {
    const meter = this.#meters.of(pattern);
    meter.began();
    meter.failed(error.code, 0);
    this.#notifications.tell(() => observer.error(error));
    return NO_CALL;
  }

  get #pending(): number {
    return this.#dispatcher.open.size + this.#held.size + this.#broadcasts.waiting;
  }

  #failure(code: FreelanceErrorCode): FreelanceError {
    return describeFailure(code, this.#pool.members, this.#options.origin);
  }
}
