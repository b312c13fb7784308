import { NOT_QUEUED } from '../../core/deadline-queue.js';
import { type HealthEvent, isSound } from '../../core/health.js';
import type { Member, ServerTraits } from '../../core/member.js';
import { plainText } from '../../core/plain-text.js';
import type { AtMostOncePatterns } from '../../protocol/at-most-once.js';
import type { Ack, Pong, Reply, ServerMessage } from '../../protocol/messages.js';
import type { Traffic } from '../../sockets/socket-port.js';
import { totalOf, TrafficTotal } from '../../sockets/traffic-total.js';
import type { DropReason } from '../drop-counter.js';
import type { Scheduler, Task } from '../scheduler.js';
import type { ClientCallStats, EndpointStats } from './client-stats.js';
import { ServerConnection, type ServerConnectionDeps } from './server-connection.js';
import { ServerHealth, type ServerHealthDeps, type ServerHealthListener } from './server-health.js';
import { type ServerProfile, UNKNOWN_PROFILE } from './server-profile.js';

export interface ServerMonitorDeps extends ServerConnectionDeps, ServerHealthDeps {
  readonly scheduler: Scheduler;
  /** How many attempts a server may have at a time. */
  readonly maxPending: number;
  /** A server that says it is of another one is not used. */
  readonly service: string | undefined;
  /** Keeps what the servers name. */
  readonly atMostOnce: AtMostOncePatterns;
}

/** Is told what the monitor sees. */
export interface ServerMonitorListener<Sent> extends Omit<
  ServerHealthListener,
  'reconnect' | 'rescheduled'
> {
  /** It says when it is a proof of life, by `showedLife`. */
  answered(message: Reply | Ack, now: number): void;
  undelivered(sent: Sent): void;
  /** A PING is unanswered for longer than one may take. Told again with each further PING. */
  overdue(now: number): void;
  dropped(reason: DropReason): void;
}

/** All but what becomes of attempts. */
type MonitorStats = Omit<EndpointStats, Exclude<keyof ClientCallStats, 'pending'> | 'refused'>;

/** Watches one server: opens its connections, one after the other, sends PINGs, and updates its health. */
export class ServerMonitor<Sent> implements Task {
  dueAt = Infinity;
  heapIndex = NOT_QUEUED;

  readonly health: ServerHealth;
  readonly #member: Member;
  readonly #deps: ServerMonitorDeps;
  readonly #listener: ServerMonitorListener<Sent>;
  #connection: ServerConnection<Sent> | undefined;
  #lastProfile = UNKNOWN_PROFILE;
  #lastSeenAt: number | undefined;
  /** The traffic of earlier connections. */
  readonly #past = new TrafficTotal();
  #isClosed = false;

  constructor(member: Member, deps: ServerMonitorDeps, listener: ServerMonitorListener<Sent>) {
    this.#member = member;
    this.#deps = deps;
    this.#listener = listener;
    this.health = new ServerHealth(member, deps, {
      stateChanged: (from) => listener.stateChanged(from),
      tierChanged: () => listener.tierChanged(),
      recovered: (now) => listener.recovered(now),
      unreachable: (because) => listener.unreachable(because),
      reconnect: () => this.open(),
      rescheduled: () => this.#reschedule(),
    });
  }

  /** Replaces the connection, if there is one, by a fresh one. */
  open(): void {
    // A removed server is closed with its last attempt, which the loss that makes it reconnect may have ended.
    if (this.#isClosed) return;
    this.#hangUp();
    this.#connection = new ServerConnection<Sent>(this.#member.target, this.#deps, {
      ready: () => this.run(this.#now()),
      heard: (message) => this.#heard(message),
      unreadable: (reason) => this.#listener.dropped(reason),
      undelivered: (sent) => this.#listener.undelivered(sent),
      pending: () => this.#member.pending,
      lost: (reason, cause) => this.#lost({ type: 'lost', reason, cause }),
    });
    this.#reschedule();
  }

  /** Leaves: the server is told, so that it stops what runs for us. */
  close(): void {
    if (this.#connection?.profile.can('drain')) this.#connection.send({ type: 'goodbye' });
    this.#isClosed = true;
    this.#deps.scheduler.cancel(this);
    this.#hangUp();
  }

  /** Undefined while there is none: after a loss, until the next probe. */
  get connection(): ServerConnection<Sent> | undefined {
    return this.#connection;
  }

  /** What the server has said of itself last, be it over an earlier connection. */
  get lastProfile(): ServerProfile {
    return this.#lastProfile;
  }

  /** Over all its connections. */
  get traffic(): Traffic {
    const connection = this.#connection?.traffic();
    return connection ? totalOf([this.#past, connection]) : this.#past.snapshot();
  }

  /** Ignored once it is closed: a verdict on a call may come later. */
  happened(event: HealthEvent): void {
    if (!this.#isClosed) this.health.happened(event);
  }

  /** Something was heard that is no PONG. */
  showedLife(now: number): void {
    this.#connection?.showedLife(now);
    if (!isSound(this.#member.health)) this.happened({ type: 'heard' });
  }

  /** Whether it has said, last, that it is of another service than the one that is looked for. */
  get isStranger(): boolean {
    const { service } = this.#lastProfile;
    const wanted = this.#deps.service;
    return wanted !== undefined && service !== undefined && service !== wanted;
  }

  stats(now: number): MonitorStats {
    const { state, latencyMs, failures, pending, zone, weight, priority } = this.#member;
    const { serverId, dialect, service } = this.#lastProfile;
    const { ejections } = this.health;
    const lastSeenMs = this.#lastSeenAt === undefined ? undefined : now - this.#lastSeenAt;
    const heartbeats = { heartbeatLatencyMs: latencyMs, latencyMs };
    const { sent: bytesSent, received: bytesReceived } = this.traffic;
    const bytes = { bytesSent, bytesReceived };
    return {
      serverId,
      name: this.#member.target.name,
      service,
      zone,
      weight,
      priority,
      state,
      ...heartbeats,
      failures,
      ejections,
      lastSeenMs,
      pending,
      ...bytes,
      dialect,
    };
  }

  /** The moment has come that `#reschedule` chose. */
  run(now: number): void {
    const pulse = this.#connection?.pulse(now) ?? 'fresh';
    if (pulse !== 'fresh') this.happened({ type: pulse });
    if (pulse === 'overdue') this.#listener.overdue(now);
    if (this.#connection?.isPingDue(now)) this.#connection.ping(now);
    if (now >= this.health.dueAt) this.happened({ type: 'due' });
    this.#reschedule();
  }

  #heard(message: ServerMessage): void {
    const now = this.#now();
    this.#lastSeenAt = now;
    switch (message.type) {
      case 'pong':
        return this.#ponged(message, now);
      case 'reply':
      case 'ack':
        return this.#listener.answered(message, now);
      case 'goodbye':
        return this.#dismissed(now);
      case 'denied':
        return this.#lost({ type: 'lost', reason: DENIED, cause: 'unauthorized' });
    }
  }

  #ponged(pong: Pong, now: number): void {
    const connection = this.#connection;
    const roundTrip = connection?.ponged(pong, now);
    if (roundTrip === 'unknown') {
      this.showedLife(now);
      this.#listener.dropped('unknown-pong');
      return;
    }
    if (typeof roundTrip === 'number') this.#member.latency.observe(roundTrip);
    const hello = pong.dialect === 'negotiated' ? pong.hello : undefined;
    if (hello?.lost) {
      // Answers are missing, and nobody can tell whose.
      this.happened({ type: 'reset' });
      return;
    }
    if (connection) this.#lastProfile = connection.learn(pong);
    const { service, traits } = this.#lastProfile;
    if (this.isStranger) {
      const reason = `it is a server of ${plainText(service ?? '')}, not of ${this.#deps.service}`;
      this.#lost({ type: 'lost', reason, cause: 'another service' });
      return;
    }
    this.#says(traits);
    // Before calls that wait for it are sent.
    if (hello?.atMostOnce) this.#deps.atMostOnce.addNames(hello.atMostOnce);
    this.#member.capacity = this.#lastProfile.namesCalls ? this.#deps.maxPending : 1;
    this.#member.load = hello?.load ?? 0;
    this.happened({ type: 'pong', says: hello?.state ?? 'ready' });
  }

  /** The server leaves once it knows that no further calls will come, and that its answers were read. */
  #dismissed(now: number): void {
    this.happened({ type: 'pong', says: 'draining' });
    this.#connection?.ping(now, 'draining');
    this.#reschedule();
  }

  #says(traits: ServerTraits): void {
    const { zone, weight } = this.#member.says;
    if (traits.zone === zone && traits.weight === weight) return;
    this.#member.says = traits;
    this.#listener.tierChanged();
  }

  #lost(event: Extract<HealthEvent, { type: 'lost' }>): void {
    this.happened(event);
    this.#hangUp();
  }

  #hangUp(): void {
    const connection = this.#connection;
    connection?.close();
    this.#connection = undefined;
    if (connection) this.#past.add(connection.traffic());
  }

  #reschedule(): void {
    if (this.#isClosed) return;
    const heartbeatAt = this.#connection?.nextDueAt(this.#now()) ?? Infinity;
    this.#deps.scheduler.schedule(this, Math.min(heartbeatAt, this.health.dueAt));
  }

  #now(): number {
    return this.#deps.environment.clock.now();
  }
}

const DENIED = 'it does not, or no longer, authorize this client';
