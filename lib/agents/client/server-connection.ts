import { Heartbeat, type HeartbeatPolicy, type Pulse } from '../../core/heartbeat.js';
import type { ServerTarget } from '../../core/server-target.js';
import { decodeGuideServerMessage } from '../../protocol/guide-frames.js';
import type { Hello } from '../../protocol/hello.js';
import { isMalformed, type Malformed, type MalformedReason } from '../../protocol/malformed.js';
import type {
  Frames,
  OutgoingClientMessage,
  Pong,
  ServerMessage,
} from '../../protocol/messages.js';
import { decodeServerPack, isPack } from '../../protocol/pack.js';
import { decodeServerMessage, encodeClientMessage } from '../../protocol/plain-frames.js';
import type { Connection, LossCause, SocketPort, Traffic } from '../../sockets/socket-port.js';
import type { Environment } from '../clock.js';
import { deliverAll } from '../deliver-all.js';
import type { Notifications } from '../notifications.js';
import { Outbox } from '../outbox.js';
import type { Carriage } from './attempt-carrier.js';
import { ServerProfile, UNKNOWN_PROFILE } from './server-profile.js';

export interface ServerConnectionDeps {
  readonly environment: Environment;
  readonly sockets: SocketPort;
  readonly notifications: Notifications;
  readonly heartbeat: HeartbeatPolicy;
  /** What the client says of itself in each PING. */
  readonly hello: Hello;
}

/**
 * Is told what a connection receives. After `close`, only what was not delivered.
 *
 * `Sent`, here and below: what the sender of a message wants back if the message is not delivered (an attempt of a call).
 */
export interface ServerConnectionListener<Sent> {
  ready(): void;
  heard(message: ServerMessage): void;
  unreadable(reason: MalformedReason): void;
  undelivered(sent: Sent): void;
  /** How many calls the server has open: the more, the larger the first pack of a turn. */
  pending(): number;
  lost(reason: string, cause: LossCause): void;
}

/**
 * A client's connection to a server, and everything that lives exactly as long: heartbeats, the server's profile, the outbox.
 * It encodes and decodes messages, and makes each event of its socket an entry point of the agent (`Notifications`).
 */
export class ServerConnection<Sent> implements Carriage {
  readonly #speaksGuide: boolean;
  readonly #deps: ServerConnectionDeps;
  readonly #listener: ServerConnectionListener<Sent>;
  readonly #connection: Connection;
  readonly #outbox: Outbox<OutgoingClientMessage, Sent | undefined>;
  /** Present once the handshake is done. */
  #heartbeat: Heartbeat | undefined;
  #profile = UNKNOWN_PROFILE;
  #isOver = false;

  constructor(
    { endpoint, dialect }: ServerTarget,
    deps: ServerConnectionDeps,
    listener: ServerConnectionListener<Sent>,
  ) {
    const { environment, sockets, notifications } = deps;
    this.#speaksGuide = dialect === 'guide';
    this.#deps = deps;
    this.#listener = listener;
    this.#connection = sockets.connect(endpoint, {
      onReady: () => notifications.within(() => this.#ready()),
      onMessage: (frames) => this.#received(frames),
      onLost: (reason, cause) => notifications.within(() => this.#lost(reason, cause)),
    });
    this.#outbox = new Outbox({
      encode: encodeClientMessage,
      post: (frames, onUndelivered) => this.#connection.send(frames, onUndelivered),
      undelivered: (sent) =>
        sent !== undefined && notifications.within(() => listener.undelivered(sent)),
      atTurnEnd: environment.atTurnEnd,
      firstBatch: sockets.firstBatch,
      open: () => listener.pending(),
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  get profile(): ServerProfile {
    return this.#profile;
  }

  get namesCalls(): boolean {
    return this.#profile.namesCalls;
  }

  get isMute(): boolean {
    return this.#heartbeat !== undefined && this.#profile === UNKNOWN_PROFILE;
  }

  /** @param sent whose message it is; told to the listener if the connection does not take it */
  send(message: OutgoingClientMessage, sent?: Sent): void {
    // A PING measures the round trip, so it does not wait for other messages. The older dialects have no PACK.
    if (
      message.type === 'ping' ||
      (message.type === 'request' && message.dialect !== 'negotiated')
    ) {
      this.#outbox.sendAlone(message, sent);
    } else {
      this.#outbox.send(message, sent);
    }
  }

  ping(now: number, state: Hello['state'] = 'ready'): void {
    if (!this.#heartbeat) return;
    const id = this.#heartbeat.ping(now);
    if (this.#speaksGuide) return this.send({ type: 'ping', dialect: 'guide' });
    const hello = { ...this.#deps.hello, state };
    this.send({ type: 'ping', dialect: 'negotiated', id, time: now.toFixed(3), hello });
  }

  /** Any message but a PONG: proof of life. */
  showedLife(now: number): void {
    this.#heartbeat?.heard(now);
  }

  /** @returns the round-trip time in ms; `unmeasured` if this PONG does not show it; `unknown` if no such PING was sent */
  ponged(pong: Pong, now: number): number | 'unmeasured' | 'unknown' {
    if (!('id' in pong)) return this.#heartbeat?.pongWithoutId(now) ?? 'unmeasured';
    const roundTrip = this.#heartbeat?.pong(pong.id, now) ?? 'unknown';
    return roundTrip === 'repeated' ? 'unmeasured' : roundTrip;
  }

  /** Takes the server's profile from its PONG. */
  learn(pong: Pong): ServerProfile {
    this.#profile = new ServerProfile(pong);
    this.#outbox.packs = this.#profile.can('pack');
    return this.#profile;
  }

  pulse(now: number): Pulse {
    return this.#heartbeat?.pulse(now) ?? 'fresh';
  }

  isPingDue(now: number): boolean {
    return this.#heartbeat?.isPingDue(now) ?? false;
  }

  /** Whether a PING is unanswered for longer than one may take. */
  isOverdue(now: number): boolean {
    return this.#heartbeat?.isOverdue(now) ?? false;
  }

  /** When its heartbeats next need attention. */
  nextDueAt(now: number): number {
    return this.#heartbeat?.nextDueAt(now) ?? Infinity;
  }

  /** Sends what waits for the end of the turn, and closes. */
  close(): void {
    this.#outbox.flush();
    this.#isOver = true;
    this.#connection.close();
  }

  /** Takes back what waits for the end of the turn: it will not be sent. */
  takeUnsent(): readonly Sent[] {
    return this.#outbox.clear().filter((sent) => sent !== undefined);
  }

  traffic(): Traffic {
    return this.#connection.traffic();
  }

  unwrap(): unknown {
    return this.#connection.unwrap();
  }

  #ready(): void {
    if (this.#isOver) return;
    this.#heartbeat = new Heartbeat(this.#deps.heartbeat, this.#deps.environment.clock.now());
    this.#listener.ready();
  }

  #lost(reason: string, cause: LossCause): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.lost(reason, cause);
  }

  #received(frames: Frames): void {
    if (this.#speaksGuide) this.#heard(decodeGuideServerMessage(frames));
    else if (isPack(frames))
      deliverAll(decodeServerPack(frames), (message) => this.#heard(message));
    else this.#heard(decodeServerMessage(frames));
  }

  #heard(message: ServerMessage | Malformed): void {
    // The previous message of the same pack may have ended the connection.
    if (this.#isOver) return;
    const { notifications } = this.#deps;
    notifications.enter();
    try {
      if (isMalformed(message)) this.#listener.unreadable(message.reason);
      else this.#listener.heard(message);
    } finally {
      notifications.leave();
    }
  }
}
