import { NOT_QUEUED } from '../../core/deadline-queue.js';
import {
  type HealthEvent,
  type HealthPolicy,
  type HealthState,
  dueAt as healthDueAt,
  initialHealth,
  transition,
} from '../../core/health.js';
import { CreditWindow } from '../../core/credit-window.js';
import { Heartbeat, type HeartbeatPolicy } from '../../core/heartbeat.js';
import { Member } from '../../core/member.js';
import type { AttemptFailure } from '../../core/retry.js';
import type { Hello } from '../../protocol/hello.js';
import { isMalformed } from '../../protocol/malformed.js';
import type { Ack, ClientMessage, Frames, Pong, Reply } from '../../protocol/messages.js';
import { decodeServerMessage, encodeClientMessage } from '../../protocol/plain-frames.js';
import type { Connection, SocketPort } from '../../sockets/socket-port.js';
import type { Agenda, Task } from '../agenda.js';
import type { Environment } from '../clock.js';
import type { DropReason } from '../drop-counter.js';
import { Attempts } from './attempts.js';
import type { Attempt, Call } from './call.js';
import type { EndpointStats } from './client-stats.js';
import { encodeAttempt } from './encode-attempt.js';
import { Tongue } from './tongue.js';

/** What a link needs, and whom it tells. */
export interface LinkHost {
  readonly environment: Environment;
  readonly sockets: SocketPort;
  readonly agenda: Agenda;
  /** What holds now; it may differ from one moment to the next. */
  readonly healthPolicy: () => HealthPolicy;
  readonly heartbeat: HeartbeatPolicy;
  readonly hello: Hello;
  readonly attempts: AttemptObserver;
  healthChanged(link: ServerLink, from: HealthState): void;
  /** An attempt has left the link, which can take another one in its place. */
  roomGained(link: ServerLink): void;
  dropped(reason: DropReason, endpoint: string): void;
}

/** Who hears what comes of the attempts that a link carries. */
export interface AttemptObserver {
  attemptFailed(attempt: Attempt, failure: AttemptFailure, outcome: string): void;
  replied(attempt: Attempt, reply: Reply): void;
  /** The server has accepted an event. */
  acknowledged(attempt: Attempt): void;
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
  readonly #inFlight = new Attempts();
  #connection: Connection | undefined;
  /** From the handshake on. */
  #heartbeat: Heartbeat | undefined;
  #isClosed = false;

  constructor(endpoint: string, host: LinkHost) {
    super(endpoint, initialHealth(host.environment.clock.now(), host.healthPolicy()));
    this.#host = host;
  }

  /** Replaces the connection, if there is one, by a fresh one. */
  open(): void {
    // A caller may close the client on hearing that its call failed, in the midst of a transition.
    if (this.#isClosed) return;
    this.#hangUp();
    const epoch = ++this.epoch;
    const ifCurrent =
      <Args extends unknown[]>(listen: (...args: Args) => void) =>
      (...args: Args) => {
        if (epoch === this.epoch && !this.#isClosed) listen(...args);
      };
    this.#connection = this.#host.sockets.connect(this.endpoint, {
      onReady: ifCurrent(() => {
        this.#heartbeat = new Heartbeat(this.#host.heartbeat, this.#now());
        this.run(this.#now());
      }),
      onMessage: ifCurrent((frames) => this.#received(frames)),
      onLost: ifCurrent((reason) => {
        this.#hangUp();
        this.#happened({ type: 'lost', reason });
      }),
    });
    this.#reschedule();
  }

  /** Leaves: the server is told, so that it stops what runs for us. */
  close(): void {
    if (this.#tongue.can('drain')) this.#tell({ type: 'goodbye' });
    this.#isClosed = true;
    this.#host.agenda.cancel(this);
    this.#hangUp();
  }

  unwrap(): unknown {
    return this.#connection?.unwrap();
  }

  /** Gives a call to the server. If the connection does not take it, the host is told later. */
  send(call: Call): Attempt {
    const now = this.#now();
    const number = call.handedOver + 1;
    const window = new CreditWindow();
    const attempt: Attempt = { call, link: this, number, sentAt: now, window };
    this.#inFlight.add(attempt);
    this.pending++;
    this.#tell(encodeAttempt(call, number, this.#tongue, now), () => {
      if (!this.#release(attempt)) return;
      this.#host.roomGained(this);
      this.#host.attempts.attemptFailed(attempt, 'undelivered', 'the connection would not take it');
    });
    return attempt;
  }

  /** Waits no longer for the answer of an attempt. */
  abandon(attempt: Attempt): void {
    if (!this.#release(attempt)) return;
    this.#cancel(attempt);
    if (!this.#tongue.namesCalls) this.#happened({ type: 'reset' });
    this.#host.roomGained(this);
  }

  /** The attempt has had its last answer. */
  settle(attempt: Attempt): void {
    if (this.#release(attempt)) this.#host.roomGained(this);
  }

  /** The attempt had no answer in its time. */
  timedOut(attempt: Attempt): void {
    if (!this.#release(attempt)) return;
    this.#cancel(attempt);
    this.#happened({ type: 'call timed out', drops: !this.#tongue.namesCalls });
    this.#host.roomGained(this);
  }

  /** The caller has read a value of the attempt, so that another one may come. */
  read({ call, window }: Attempt): void {
    const values = window.read();
    if (values === 0 || !this.#tongue.can('stream')) return;
    this.#tell({ type: 'credit', id: Buffer.from(call.id), values });
  }

  /** The server took that long, in ms, to say the first thing about a call. */
  answered(afterMs: number): void {
    this.responded(afterMs, this.#now());
    this.#happened({ type: 'call answered' });
  }

  /** No server is usable: if this one rests, it need not rest long. */
  needed(): void {
    this.#happened({ type: 'needed' });
  }

  stats(now: number): EndpointStats {
    return {
      serverId: this.#tongue.serverId,
      state: this.health.state,
      latencyMs: this.latencyMs,
      failures: this.failures,
      lastSeenMs: this.lastSeenAt === undefined ? undefined : now - this.lastSeenAt,
      pending: this.pending,
      dialect: this.#tongue.dialect,
    };
  }

  /** The moment has come that `#reschedule` chose. */
  run(now: number): void {
    const pulse = this.#heartbeat?.pulse(now) ?? 'fresh';
    if (pulse !== 'fresh') this.#happened({ type: pulse });
    if (this.#heartbeat?.isPingDue(now)) this.#ping(this.#heartbeat, now);
    if (now >= healthDueAt(this.health)) this.#happened({ type: 'due' });
    this.#reschedule();
  }

  #ping(heartbeat: Heartbeat, now: number): void {
    const id = Buffer.from(heartbeat.ping(now));
    const time = Buffer.from(now.toFixed(3));
    const { hello } = this.#host;
    this.#tell({ type: 'ping', dialect: 'negotiated', id, time, hello });
  }

  /** Nobody waits for that attempt: the server may stop it. */
  #cancel({ call }: Attempt): void {
    if (this.#tongue.can('cancel')) this.#tell({ type: 'cancel', id: Buffer.from(call.id) });
  }

  #tell(message: ClientMessage, onUndelivered?: () => void): void {
    this.#connection?.send(encodeClientMessage(message), onUndelivered);
  }

  #received(frames: Frames): void {
    const message = decodeServerMessage(frames);
    if (isMalformed(message)) {
      this.#host.dropped(message.reason, this.endpoint);
      return;
    }
    this.lastSeenAt = this.#now();
    switch (message.type) {
      case 'pong':
        return this.#ponged(message);
      case 'reply':
        return this.#replied(message);
      case 'ack':
        return this.#acknowledged(message);
      case 'goodbye':
        return this.#happened({ type: 'pong', says: 'draining' });
    }
  }

  #ponged(pong: Pong): void {
    const now = this.#now();
    const rtt =
      pong.dialect === 'basic'
        ? this.#heartbeat?.basicPong(now)
        : this.#heartbeat?.pong(pong.id.toString('latin1'), now);
    if (typeof rtt === 'number') {
      this.latency.observe(rtt);
    } else if (rtt === undefined && pong.dialect !== 'basic') {
      this.#heard();
      this.#host.dropped('PONG to no PING', this.endpoint);
      return;
    }
    this.#tongue.heard(pong);
    this.capacity = this.#tongue.namesCalls ? Infinity : 1;
    this.load = pong.dialect === 'negotiated' ? pong.hello.load : 0;
    this.#happened({
      type: 'pong',
      says: pong.dialect === 'negotiated' ? pong.hello.state : 'ready',
    });
  }

  #replied(reply: Reply): void {
    const attempt =
      reply.dialect === 'basic' ? this.#inFlight.oldest : this.#inFlight.find(reply.id);
    this.#heard();
    if (attempt) this.#host.attempts.replied(attempt, reply);
    else this.#host.dropped('REPLY to no call', this.endpoint);
  }

  #acknowledged({ id }: Ack): void {
    const attempt = this.#inFlight.find(id);
    this.#heard();
    if (attempt) this.#host.attempts.acknowledged(attempt);
    else this.#host.dropped('ACK to no event', this.endpoint);
  }

  #heard(): void {
    this.#heartbeat?.heard(this.#now());
    this.#happened({ type: 'heard' });
  }

  /** Takes an attempt off the link; false if it has left already. */
  #release(attempt: Attempt): boolean {
    if (!this.#inFlight.take(attempt)) return false;
    this.pending--;
    return true;
  }

  #happened(event: HealthEvent): void {
    if (this.#isClosed) return;
    const { environment, healthPolicy } = this.#host;
    const before = this.health;
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
    if (health.state !== before.state) this.#host.healthChanged(this, before.state);
    if (health.state === 'dead') this.#failAll(health.because);
    if (health.state === 'connecting') this.#failAll('its connection was dropped');
    if (reconnect) this.open();
    else this.#reschedule();
  }

  #failAll(because: string): void {
    for (const attempt of this.#inFlight) {
      this.#release(attempt);
      this.#host.attempts.attemptFailed(attempt, 'lost', because);
    }
    this.#host.roomGained(this);
  }

  #hangUp(): void {
    this.#connection?.close();
    this.#connection = undefined;
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
