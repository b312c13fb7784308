import { type HealthEvent, type HealthState, initialHealth } from '../../core/health.js';
import { Member } from '../../core/member.js';
import type { ServerTarget } from '../../core/server-target.js';
import type { Ack, Reply } from '../../protocol/messages.js';
import { exceeds } from '../../protocol/size.js';
import type { DropReason } from '../drop-counter.js';
import type { AttemptCarrier } from './attempt-carrier.js';
import type { AttemptListener } from './attempt-listener.js';
import type { AttemptReports } from './attempt-reports.js';
import type { AttemptEnd, AttemptOutcome, CallRequest } from './call-contract.js';
import { AttemptEffects } from './attempt-effects.js';
import { AttemptMeter } from './attempt-meter.js';
import type { Attempt } from './call.js';
import type { EndpointStats } from './client-stats.js';
import { bodyFor, encodeAttempt } from './encode-attempt.js';
import type { OpenCalls } from './open-calls.js';
import { ENDED, readReply } from './read-reply.js';
import type { ServerConnection } from './server-connection.js';
import { ServerMonitor, type ServerMonitorDeps } from './server-monitor.js';

export interface ServerLinkDeps extends ServerMonitorDeps {
  /** The largest message that the client sends, in bytes. */
  readonly maxMessageSize: number;
  /** Knows the attempts that it carries. */
  readonly open: OpenCalls;
  readonly attempts: AttemptListener;
  readonly reports: AttemptReports;
}

/** Is told what happens to a server. */
export interface ServerLinkListener {
  stateChanged(from: HealthState): void;
  tierChanged(): void;
  /** The server is used again, after it had failed or was dead. */
  recovered(now: number): void;
  /** Whether the server fails far more of its calls than the others, of which one must be left. */
  isOutlier(now: number, isOnTrial: boolean): boolean;
  /** An attempt has left the link, which can take another one in its place. */
  roomGained(): void;
  dropped(reason: DropReason): void;
}

/** A client's link to one server: sends it attempts of calls, and passes on how they end. */
export class ServerLink extends Member implements AttemptCarrier<Attempt> {
  isRemoved = false;
  readonly #maxMessageSize: number;
  readonly #listener: ServerLinkListener;
  readonly #open: OpenCalls;
  readonly #attempts: AttemptListener;
  readonly #meter: AttemptMeter;
  readonly #effects: AttemptEffects;
  readonly #now: () => number;
  readonly monitor: ServerMonitor<Attempt>;

  constructor(target: ServerTarget, deps: ServerLinkDeps, listener: ServerLinkListener) {
    super(target.endpoint, initialHealth(deps.environment.clock.now(), deps.healthPolicy()));
    this.target = target;
    this.#maxMessageSize = deps.maxMessageSize;
    this.#listener = listener;
    this.#open = deps.open;
    this.#attempts = deps.attempts;
    this.#meter = new AttemptMeter(deps.reports);
    this.#effects = new AttemptEffects(this, {
      happened: (event) => this.#happened(event),
      isOutlier: (now, isOnTrial) => listener.isOutlier(now, isOnTrial),
    });
    this.#now = () => deps.environment.clock.now();
    this.monitor = new ServerMonitor<Attempt>(this, deps, {
      stateChanged: (from) => listener.stateChanged(from),
      tierChanged: () => listener.tierChanged(),
      recovered: (now) => listener.recovered(now),
      unreachable: (because) => this.#failAll(because),
      answered: (message, now) => this.#answered(message, now),
      undelivered: (attempt) => this.#undelivered(attempt),
      overdue: (now) => deps.attempts.overdue(this, now),
      dropped: (reason) => listener.dropped(reason),
    });
  }

  /** How the server calls itself, as its latest PONG has said. */
  get serverId(): string | undefined {
    return this.monitor.lastProfile.serverId;
  }

  get connection(): ServerConnection<Attempt> | undefined {
    return this.monitor.connection;
  }

  get isMute(): boolean {
    return this.connection?.isMute ?? false;
  }

  get maxMessageSize(): number {
    return Math.min(this.#maxMessageSize, this.monitor.lastProfile.maxMessageSize);
  }

  isTooSmallFor({ pattern, body }: CallRequest): boolean {
    return exceeds(bodyFor(this.monitor.lastProfile, pattern, body), this.maxMessageSize);
  }

  stats(now: number): EndpointStats {
    return { ...this.#meter.stats(), ...this.monitor.stats(now) };
  }

  isOverdue(now: number): boolean {
    return this.connection?.isOverdue(now) ?? false;
  }

  send(attempt: Attempt): void {
    this.pending++;
    this.#meter.sent(attempt);
    const { connection, lastProfile } = this.monitor;
    connection?.send(encodeAttempt(attempt, lastProfile), attempt);
    this.#effects.sent(attempt);
  }

  end(attempt: Attempt, how: AttemptEnd, now: number): void {
    if (!this.#release(attempt, how, now)) return;
    switch (how) {
      case 'completed':
        this.#effects.completed(attempt, now);
        break;
      case 'outrun':
        // One that is silent says nothing of how fast it is.
        if (!this.isOverdue(now)) this.isSlowerThan(now - attempt.sentAt, now);
        this.#cancel(attempt);
        break;
      case 'timed-out':
      case 'unreadable':
      case 'abandoned':
        this.#cancel(attempt);
        break;
      default:
    }
    this.#gaveRoom(attempt);
  }

  late(attempt: Attempt, now: number): void {
    const drops = !this.monitor.lastProfile.namesCalls;
    if (drops) this.#release(attempt, 'timed-out', now);
    this.#effects.late(attempt, drops);
  }

  judge(attempt: Attempt, isFailure: boolean, isAnswer: boolean, now: number): void {
    this.#effects.judge(attempt, isFailure, isAnswer, now);
  }

  read({ id, window }: Attempt): void {
    const values = window.read();
    const { connection } = this;
    if (values > 0 && connection?.profile.can('stream'))
      connection.send({ type: 'credit', id, values });
  }

  /** No server is usable: if this one waits for a probe, it need not wait long. */
  poolExhausted(): void {
    this.#happened({ type: 'pool exhausted' });
  }

  /** Another server is usable, when none was: servers that went together may return together. */
  peerRecovered(): void {
    this.#happened({ type: 'peer recovered' });
  }

  #answered(message: Reply | Ack, now: number): void {
    const attempt = this.#attemptOf(message);
    // Not before: it may release waiting calls to this server, and the reply is not theirs.
    this.monitor.showedLife(now);
    const isReply = message.type === 'reply';
    if (!attempt || attempt.hasLeft) {
      this.#listener.dropped(isReply ? 'unknown-reply' : 'unknown-ack');
      return;
    }
    const answer = isReply ? readReply(message) : ENDED;
    // The server's health first: otherwise waiting calls would go there and be refused as well.
    if (answer.kind === 'refused') this.#effects.refused(answer.refusal.reason);
    else if (!attempt.call.answered) this.#effects.beganToAnswer(attempt, answer, now);
    this.#attempts.replied(attempt, answer, now);
  }

  #attemptOf(message: Reply | Ack): Attempt | undefined {
    return message.type === 'reply' && message.dialect === 'basic'
      ? this.#open.over(this)[0]
      : this.#open.find(message.id, this);
  }

  #undelivered(attempt: Attempt): void {
    if (!this.#release(attempt, 'undelivered', this.#now())) return;
    this.#gaveRoom(attempt);
    this.#attempts.attemptFailed(attempt, 'undelivered', 'the connection would not take it');
  }

  #failAll(because: string): void {
    const unsent = new Set(this.connection?.takeUnsent());
    const now = this.#now();
    for (const attempt of this.#open.over(this)) {
      const failure = unsent.has(attempt) ? 'undelivered' : 'lost';
      if (!this.#release(attempt, failure, now)) continue;
      this.#attempts.attemptFailed(attempt, failure, because);
    }
    this.#listener.roomGained();
  }

  /** Tells the server to stop. The connection of a server that cannot tell calls apart is dropped, and its late reply with it. */
  #cancel({ id }: Attempt): void {
    const { connection, lastProfile } = this.monitor;
    if (connection?.profile.can('cancel')) connection.send({ type: 'cancel', id });
    if (!lastProfile.namesCalls) this.#happened({ type: 'reset' });
  }

  /** Takes an attempt off the link; false if it has left already. */
  #release(attempt: Attempt, outcome: AttemptOutcome, now: number): boolean {
    if (attempt.hasLeft) return false;
    attempt.hasLeft = true;
    this.pending--;
    this.#meter.ended(attempt, outcome, now);
    return true;
  }

  #gaveRoom(attempt: Attempt): void {
    this.#effects.left(attempt);
    this.#listener.roomGained();
  }

  #happened(event: HealthEvent): void {
    this.monitor.happened(event);
  }
}
