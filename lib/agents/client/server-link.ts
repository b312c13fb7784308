import { NOT_QUEUED } from '../../core/deadline-queue.js';
import {
  type HealthEvent,
  type HealthPolicy,
  type HealthState,
  dueAt as healthDueAt,
  hasRecovered,
  isFailing,
  isInUse,
  isRefusing,
  initialHealth,
  isSound,
  isTrialDue,
  transition,
} from '../../core/health.js';
import { Heartbeat, type HeartbeatPolicy } from '../../core/heartbeat.js';
import { Member } from '../../core/member.js';
import type { AttemptFailure } from '../../core/retry.js';
import type { AtMostOncePatterns } from '../../protocol/at-most-once.js';
import type { Hello } from '../../protocol/hello.js';
import type { Ack, Id, Pong, Reply, ServerMessage } from '../../protocol/messages.js';
import { exceeds } from '../../protocol/size.js';
import type { LossCause, SocketPort } from '../../sockets/socket-port.js';
import type { Agenda, Task } from '../agenda.js';
import type { Environment } from '../clock.js';
import type { DropReason } from '../drop-counter.js';
import { Attempt } from './attempt.js';
import type { Call } from './call.js';
import type { EndpointStats } from './client-stats.js';
import { bodyFor, encodeAttempt } from './encode-attempt.js';
import { Line } from './line.js';
import type { Refusal } from './read-reply.js';
import { Tongue } from './tongue.js';

/** What a link needs, and whom it tells. */
export interface LinkHost {
  readonly environment: Environment;
  readonly sockets: SocketPort;
  readonly agenda: Agenda;
  /** What holds now; it may differ from one moment to the next. */
  readonly healthPolicy: () => HealthPolicy;
  readonly heartbeat: HeartbeatPolicy;
  /** How many attempts a server may have at a time. */
  readonly maxPending: number;
  readonly hello: Hello;
  /** The largest message that the client sends, in bytes. */
  readonly maxMessageSize: number;
  readonly attempts: AttemptOwner;
  /** Keeps what the servers name. */
  readonly atMostOnce: AtMostOncePatterns;
  healthChanged(link: ServerLink, from: HealthState): void;
  /**
   * The same state now means something else: an unready server is suspect, as is one that is silent; one
   * that refuses this client is dead, as is one that is lost.
   */
  tierChanged(link: ServerLink): void;
  /** The server is used again, after it had failed or was dead. */
  recovered(link: ServerLink, now: number): void;
  /** Whether the server fails far more of its calls than the others, of which one must be left. */
  isOutlier(link: ServerLink, now: number, isOnTrial: boolean): boolean;
  /** The server leaves a PING unanswered for longer than one may take. Told again with each further PING. */
  overdue(link: ServerLink, now: number): void;
  /** An attempt has left the link, which can take another one in its place. */
  roomGained(link: ServerLink): void;
  dropped(reason: DropReason, endpoint: string): void;
}

/** Who keeps the attempts that a link carries, and hears what comes of them. */
export interface AttemptOwner {
  /** The attempt of that id, if it is under way over that link. */
  find(id: Id, link: ServerLink): Attempt | undefined;
  /** The attempts that are under way over that link, the oldest first. */
  over(link: ServerLink): Attempt[];
  attemptFailed(attempt: Attempt, failure: AttemptFailure, outcome: string): void;
  replied(attempt: Attempt, reply: Reply, now: number): void;
  /** The server has accepted an event. */
  acknowledged(attempt: Attempt, now: number): void;
}

/**
 * A client's tie to one server: the connection of the moment, its heartbeats, the health they tell,
 * and the attempts in flight. `Member` is what the pool sees of it.
 */
export class ServerLink extends Member implements Task {
  dueAt = Infinity;
  place = NOT_QUEUED;

  readonly #tongue = new Tongue();
  lastSeenAt: number | undefined;
  readonly #host: LinkHost;
  /** Grows with each connection: what comes from an earlier one is stale, and ignored. */
  epoch = 0;
  #line: Line | undefined;
  /** From the handshake on. */
  #heartbeat: Heartbeat | undefined;
  #isClosed = false;
  #ejections = 0;
  /** The client no longer knows it. Calls in flight are still answered. */
  isRemoved = false;

  constructor(endpoint: string, host: LinkHost) {
    super(endpoint, initialHealth(host.environment.clock.now(), host.healthPolicy()));
    this.#host = host;
  }

  /** Replaces the connection, if there is one, by a fresh one. */
  open(): void {
    // A caller may close the client on hearing that its call failed, in the midst of a transition.
    if (this.#isClosed) return;
    this.#hangUp();
    this.epoch++;
    const { sockets, environment } = this.#host;
    const line = new Line(this.endpoint, sockets, environment, {
      ready: () => {
        this.#heartbeat = new Heartbeat(this.#host.heartbeat, this.#now());
        this.run(this.#now());
      },
      heard: (message) => this.#heard(message),
      unreadable: (reason) => this.#host.dropped(reason, this.endpoint),
      undelivered: (attempt) => this.#undelivered(attempt),
      pending: () => this.pending,
      lost: (reason, cause) => this.#lost(reason, cause),
    });
    this.#line = line;
    this.#reschedule();
  }

  #lost(reason: string, cause: LossCause): void {
    const line = this.#line;
    this.#happened({ type: 'lost', reason, cause });
    // Who heard of it may have had the next connection opened already.
    if (this.#line === line) this.#hangUp();
  }

  /** Leaves: the server is told, so that it stops what runs for us. */
  close(): void {
    if (this.#tongue.can('drain')) this.#line?.send({ type: 'goodbye' });
    this.#isClosed = true;
    this.#host.agenda.cancel(this);
    this.#hangUp();
  }

  /** How the server calls itself, as its latest PONG has said. */
  get serverId(): string | undefined {
    return this.#tongue.serverId;
  }

  /** Whether the connection of that epoch is over. */
  isPast(epoch: number): boolean {
    return this.epoch > epoch || (this.#isClosed && epoch < Infinity);
  }

  /** Whether its replies say which call they answer. */
  get namesCalls(): boolean {
    return this.#tongue.namesCalls;
  }

  unwrap(): unknown {
    return this.#line?.unwrap();
  }

  /** The largest body that it may be sent, in bytes. */
  get maxMessageSize(): number {
    return Math.min(this.#host.maxMessageSize, this.#tongue.maxMessageSize);
  }

  /** Whether the call is too large for the server: it would end the connection. */
  isTooSmallFor({ request: { pattern, body } }: Call): boolean {
    return exceeds(bodyFor(this.#tongue, pattern, body), this.maxMessageSize);
  }

  /**
   * Gives a call to the server. If the connection does not take it, the host is told later. That a trial begins may let
   * others hear of something, and these may end the call.
   */
  send(call: Call, now: number): void {
    const attempt = new Attempt(call, this, now);
    call.took(attempt);
    this.pending++;
    this.#line?.send(encodeAttempt(attempt, this.#tongue), attempt);
    if (isTrialDue(this.health)) {
      attempt.isTrial = true;
      this.#happened({ type: 'trial began' });
    }
  }

  /** Waits no longer for the answer of an attempt. */
  abandon(attempt: Attempt): void {
    if (!this.#release(attempt)) return;
    this.#cancel(attempt);
    if (!this.namesCalls) this.#happened({ type: 'reset' });
    this.#gaveRoom(attempt);
  }

  /** Whether it leaves a PING unanswered for longer than one may take. */
  isOverdue(now: number): boolean {
    return this.#heartbeat?.isOverdue(now) ?? false;
  }

  /** Another attempt of its call has answered first. One that is silent says nothing of how fast it is. */
  outrun(attempt: Attempt, now: number): void {
    if (!this.isOverdue(now)) this.isSlowerThan(now - attempt.sentAt, now);
    this.abandon(attempt);
  }

  /** The attempt has had its last answer. */
  settle(attempt: Attempt): void {
    if (this.#release(attempt)) this.#gaveRoom(attempt);
  }

  /**
   * The server did not run the attempt. What that says of the server itself is heeded before the room that
   * this leaves is given to a call that waits: else each of those would go there to be refused.
   */
  refused(attempt: Attempt, { reason }: Refusal): void {
    // Until its next PONG says how much of it is taken.
    if (reason === 'busy') this.load = 1;
    if (reason === 'draining' || reason === 'unready')
      this.#happened({ type: 'pong', says: reason });
    this.settle(attempt);
  }

  /**
   * The attempt had no answer in its time. It stays where it is, but for that at a basic server, whose connection is
   * dropped.
   */
  timedOut(attempt: Attempt): void {
    const drops = !this.namesCalls;
    if (drops) this.#release(attempt);
    attempt.isTrial = false;
    this.#happened({ type: 'call timed out', drops });
  }

  /** The caller has read a value of the attempt, so that another one may come. */
  read({ id, window }: Attempt): void {
    const values = window.read();
    if (values === 0 || !this.#tongue.can('stream')) return;
    this.#line?.send({ type: 'credit', id, values });
  }

  /** The server has said the first thing about a call, and it is no error. */
  answered(attempt: Attempt, now: number): void {
    this.responded(now - attempt.sentAt, now);
    this.#callAnswered(attempt);
  }

  /** It did all that was asked. That it was late has been judged. */
  succeeded({ isLate }: Attempt, now: number): void {
    if (!isLate) this.outcomes.succeeded(now);
  }

  /** The server has answered with an error, or with what cannot be read. What that says of it is `judged`. */
  answeredByFailing(attempt: Attempt, now: number): void {
    this.respondedByFailing(now - attempt.sentAt, now);
  }

  /**
   * A call has failed there.
   *
   * @param isFailure whether the server is to blame
   * @param isAnswer whether it has answered, and not let the call time out
   */
  judged(attempt: Attempt, isFailure: boolean, isAnswer: boolean, now: number): void {
    // What is late has been judged.
    if (isAnswer && attempt.isLate) return;
    if (!isFailure) {
      this.outcomes.succeeded(now);
    } else {
      this.outcomes.failed(now);
      const isOnTrial = attempt.isTrial && isFailing(this.health);
      if ((isOnTrial || isInUse(this.health)) && this.#host.isOutlier(this, now, isOnTrial)) {
        this.#happened({ type: 'ejected', times: this.outcomes.ejected(now) });
        return;
      }
    }
    if (isAnswer) this.#callAnswered(attempt);
  }

  /** That it was late is not forgiven. */
  #callAnswered({ isLate, isTrial }: Attempt): void {
    if (!isLate && !isSound(this.health)) this.#happened({ type: 'call answered', isTrial });
  }

  /** No server is usable: if this one rests, it need not rest long. */
  needed(): void {
    this.#happened({ type: 'needed' });
  }

  /** Another server is usable, when none was: servers that went together may return together. */
  hopedFor(): void {
    this.#happened({ type: 'hoped for' });
  }

  stats(now: number): EndpointStats {
    return {
      serverId: this.#tongue.serverId,
      state: this.health.state,
      latencyMs: this.latencyMs,
      failures: this.failures,
      ejections: this.#ejections,
      lastSeenMs: this.lastSeenAt === undefined ? undefined : now - this.lastSeenAt,
      pending: this.pending,
      dialect: this.#tongue.dialect,
    };
  }

  /** The moment has come that `#reschedule` chose. */
  run(now: number): void {
    const pulse = this.#heartbeat?.pulse(now) ?? 'fresh';
    if (pulse !== 'fresh') this.#happened({ type: pulse });
    if (pulse === 'overdue') this.#host.overdue(this, now);
    if (this.#heartbeat?.isPingDue(now)) this.#ping(this.#heartbeat, now);
    if (now >= healthDueAt(this.health)) this.#happened({ type: 'due' });
    this.#reschedule();
  }

  /** The server leaves once it knows that no further calls will come, and that its answers were read. */
  #dismissed(now: number): void {
    this.#happened({ type: 'pong', says: 'draining' });
    if (this.#heartbeat) this.#ping(this.#heartbeat, now, 'draining');
    this.#reschedule();
  }

  #ping(heartbeat: Heartbeat, now: number, state: Hello['state'] = 'ready'): void {
    const id = heartbeat.ping(now);
    const time = now.toFixed(3);
    const hello = { ...this.#host.hello, state };
    this.#line?.send({ type: 'ping', dialect: 'negotiated', id, time, hello });
  }

  /** Nobody waits for that attempt: the server may stop it. */
  #cancel({ id }: Attempt): void {
    if (this.#tongue.can('cancel')) this.#line?.send({ type: 'cancel', id });
  }

  #undelivered(attempt: Attempt): void {
    if (!this.#release(attempt)) return;
    this.#gaveRoom(attempt);
    this.#host.attempts.attemptFailed(attempt, 'undelivered', 'the connection would not take it');
  }

  #heard(message: ServerMessage): void {
    const now = this.#now();
    this.lastSeenAt = now;
    switch (message.type) {
      case 'pong':
        return this.#ponged(message, now);
      case 'reply':
        return this.#replied(message, now);
      case 'ack':
        return this.#acknowledged(message, now);
      case 'goodbye':
        return this.#dismissed(now);
      case 'denied':
        return this.#lost(DENIED, 'unauthorized');
    }
  }

  #ponged(pong: Pong, now: number): void {
    const rtt =
      pong.dialect === 'basic'
        ? this.#heartbeat?.basicPong(now)
        : this.#heartbeat?.pong(pong.id, now);
    if (typeof rtt === 'number') {
      this.latency.observe(rtt);
    } else if (rtt === undefined && pong.dialect !== 'basic') {
      this.#showedLife(now);
      this.#host.dropped('PONG to no PING', this.endpoint);
      return;
    }
    if (pong.dialect === 'negotiated' && pong.hello.lost) {
      // Answers are missing, and nobody can tell whose.
      this.#happened({ type: 'reset' });
      return;
    }
    this.#tongue.heard(pong);
    // Before calls that wait for it are sent.
    if (pong.dialect === 'negotiated' && pong.hello.atMostOnce)
      this.#host.atMostOnce.addNames(pong.hello.atMostOnce);
    if (this.#line) this.#line.packs = this.#tongue.can('pack');
    this.capacity = this.namesCalls ? this.#host.maxPending : 1;
    this.load = pong.dialect === 'negotiated' ? pong.hello.load : 0;
    this.#happened({
      type: 'pong',
      says: pong.dialect === 'negotiated' ? pong.hello.state : 'ready',
    });
  }

  #replied(reply: Reply, now: number): void {
    const { attempts } = this.#host;
    const attempt =
      reply.dialect === 'basic' ? attempts.over(this)[0] : attempts.find(reply.id, this);
    this.#showedLife(now);
    if (attempt && !attempt.hasLeft) attempts.replied(attempt, reply, now);
    else this.#host.dropped('REPLY to no call', this.endpoint);
  }

  #acknowledged({ id }: Ack, now: number): void {
    const attempt = this.#host.attempts.find(id, this);
    this.#showedLife(now);
    if (attempt && !attempt.hasLeft) this.#host.attempts.acknowledged(attempt, now);
    else this.#host.dropped('ACK to no event', this.endpoint);
  }

  #showedLife(now: number): void {
    this.#heartbeat?.heard(now);
    if (!isSound(this.health)) this.#happened({ type: 'heard' });
  }

  /** Takes an attempt off the link; false if it has left already. */
  #release(attempt: Attempt): boolean {
    if (attempt.hasLeft) return false;
    attempt.hasLeft = true;
    this.pending--;
    return true;
  }

  #gaveRoom(attempt: Attempt): void {
    if (attempt.isTrial) this.#happened({ type: 'trial ended' });
    this.#host.roomGained(this);
  }

  #happened(event: HealthEvent): void {
    if (this.#isClosed) return;
    const { environment, healthPolicy } = this.#host;
    const { health: before, tier } = this;
    const now = this.#now();
    const { health, reconnect } = transition(
      before,
      event,
      now,
      healthPolicy(),
      environment.random,
    );
    this.health = health;
    if (health === before) return;
    if (health.ejections > before.ejections) this.#ejections++;
    if (hasRecovered(before, health)) this.#host.recovered(this, now);
    if (health.state !== before.state) this.#host.healthChanged(this, before.state);
    else if (this.tier !== tier || isRefusing(health) !== isRefusing(before))
      this.#host.tierChanged(this);
    if (health.state === 'dead') this.#failAll(health.because);
    if (health.state === 'connecting') this.#failAll('its connection was dropped');
    if (reconnect) this.open();
    else this.#reschedule();
  }

  #failAll(because: string): void {
    const unsent = new Set(this.#line?.takeUnsent());
    for (const attempt of this.#host.attempts.over(this)) {
      if (!this.#release(attempt)) continue;
      const failure = unsent.has(attempt) ? 'undelivered' : 'lost';
      this.#host.attempts.attemptFailed(attempt, failure, because);
    }
    this.#host.roomGained(this);
  }

  #hangUp(): void {
    this.#line?.close();
    this.#line = undefined;
    this.#heartbeat = undefined;
    this.#tongue.fellSilent();
  }

  #now(): number {
    return this.#host.environment.clock.now();
  }

  #reschedule(): void {
    if (this.#isClosed) return;
    const now = this.#now();
    const heartbeatAt = this.#heartbeat?.nextDueAt(now) ?? Infinity;
    this.#host.agenda.schedule(this, Math.min(heartbeatAt, healthDueAt(this.health)));
  }
}

const DENIED = 'it does not, or no longer, authorize this client';
