import type { Malformed } from '../../protocol/malformed.js';
import type {
  ClientMessage,
  Denied,
  Event,
  Frames,
  Id,
  NegotiatedRequest,
  OutgoingServerMessage,
  Ping,
  Pong,
  Request,
} from '../../protocol/messages.js';
import { decodeClientPack, isPack } from '../../protocol/pack.js';
import { decodeClientMessage, encodeServerMessage } from '../../protocol/plain-frames.js';
import type { ServerSocket, SocketPort } from '../../sockets/socket-port.js';
import { Agenda } from '../agenda.js';
import type { Environment } from '../clock.js';
import { DropCounter, type DropReason } from '../drop-counter.js';
import { hearAll } from '../hear-all.js';
import { Budgets } from './budget.js';
import { Departure } from './departure.js';
import { Greeter, type GreeterOptions } from './greeter.js';
import { Intake, type IntakeOptions } from './intake.js';
import { abandonAll, type Job } from './job.js';
import { Lookout } from './lookout.js';
import type { ServerCall } from './server-call.js';
import type { ServerEvent } from './server-event.js';
import type { ServerStats } from './server-stats.js';
import { Sessions, type SessionsPolicy } from './sessions.js';

export interface ServerAgentOptions extends GreeterOptions, IntakeOptions, SessionsPolicy {}

/** Who runs the calls. None of these may throw. */
export interface ServerHandler {
  handle(call: ServerCall): void;
  /** Has to tell the event when its handlers have ended. */
  event(event: ServerEvent): void;
  /** Whether the server can take calls. */
  isReady(): Promise<boolean>;
  /** A client may not connect. @param who for people; not escaped */
  refused(who: string): void;
  /** It could not be told whether a client may connect. */
  undecided(error: unknown): void;
  dropped(reason: DropReason): void;
  /** The socket can no longer receive. */
  failed(error: unknown): void;
  /** The server is closed, whether it had bound or not, and its addresses are free. Told once. */
  left(): void;
}

/** A server: answers PINGs, hands REQUESTs and EVENTs to the handler, and sends what the calls reply. */
export class ServerAgent {
  readonly #sockets: SocketPort;
  readonly #environment: Environment;
  readonly #handler: ServerHandler;
  readonly #agenda: Agenda;
  readonly #greeter: Greeter;
  readonly #budgets: Budgets;
  readonly #sessions: Sessions;
  readonly #intake: Intake;
  readonly #lookout: Lookout;
  readonly #drops = new DropCounter();
  #socket: ServerSocket | undefined;
  #departure: Departure | undefined;
  #isBinding = false;
  #isClosed = false;
  #unauthorized = 0;
  #undelivered = 0;

  constructor(
    options: ServerAgentOptions,
    sockets: SocketPort,
    environment: Environment,
    handler: ServerHandler,
  ) {
    this.#sockets = sockets;
    this.#environment = environment;
    this.#handler = handler;
    this.#agenda = new Agenda(environment.clock);
    this.#budgets = new Budgets((peer) => this.#socket?.identify(peer));
    this.#intake = new Intake(options, this.#budgets, this.#agenda, environment.clock, {
      handle: (call) => handler.handle(call),
      event: (event) => handler.event(event),
      dropped: (malformed) => this.#dropped(malformed),
      identify: (peer) => this.#socket?.identify(peer),
      answeredUnheard: () => this.#departure?.answeredUnheard(),
      jobOver: () => this.#departure?.proceed(),
    });
    this.#sessions = new Sessions(options, this.#budgets, this.#agenda, (peer) => ({
      encode: encodeServerMessage,
      post: (frames, onUndelivered) => this.#socket?.send(peer, frames, onUndelivered),
      undelivered: () => this.#undeliveredTo(peer),
      atTurnEnd: environment.atTurnEnd,
      firstBatch: sockets.firstBatch,
    }));
    this.#greeter = new Greeter(options, {
      agenda: this.#agenda,
      now: () => this.#now(),
      isReady: () => handler.isReady(),
      load: () => this.#intake.load,
      isDraining: () => this.#departure !== undefined,
      pong: (peer, pong) => this.#pong(peer, pong),
    });
    this.#lookout = new Lookout({
      agenda: this.#agenda,
      sessions: this.#sessions,
      now: () => this.#now(),
      knock: ({ peer, lastPing }) => lastPing && this.#greeter.repeat(peer, lastPing),
    });
  }

  /** What was really bound; empty before. */
  get endpoints(): readonly string[] {
    return this.#socket?.endpoints ?? [];
  }

  /** @throws if an address cannot be bound, which its message names, or if closed meanwhile */
  async bind(addresses: readonly string[]): Promise<void> {
    let socket: ServerSocket | undefined;
    this.#isBinding = true;
    try {
      socket = await this.#sockets.bind(addresses, {
        onMessage: (peer, frames) => this.#received(peer, frames),
        onPeerLost: (peer) => this.#lostPeer(peer),
        onStrangerLost: () => this.#lookout.lostStranger(),
        onRevoked: (peers) => this.#revoked(peers),
        onRefused: (who) => {
          this.#unauthorized++;
          this.#handler.refused(who);
        },
        onUndecided: (error) => {
          this.#unauthorized++;
          this.#handler.undecided(error);
        },
        onStranger: (peer) => {
          this.#dropped(UNKNOWN_SENDER);
          this.#post(peer, DENIED);
        },
        onFailed: (error) => this.#handler.failed(error),
      });
    } finally {
      this.#isBinding = false;
      if (this.#isClosed) this.#release(socket);
    }
    if (this.#isClosed) throw new Error('the server was closed before it listened');
    this.#socket = socket;
  }

  /**
   * Takes nothing new, answers what it has accepted, and leaves: as soon as the clients have read it, at
   * the latest after that many ms.
   */
  drain(timeout: number): void {
    if (this.#departure || this.#isClosed) return;
    if (!this.#socket || timeout === 0) {
      this.close();
      return;
    }
    this.#intake.drain();
    this.#departure = new Departure(timeout, {
      agenda: this.#agenda,
      sessions: this.#sessions,
      now: () => this.#now(),
      isBusy: () => this.#intake.isBusy,
      leave: () => this.#leave(),
    });
    this.#departure.begin();
  }

  #leave(): void {
    this.#intake.dismiss();
    this.close();
  }

  /** Stops what runs and leaves. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#departure = undefined;
    this.#agenda.stop();
    for (const session of this.#sessions) session.flush();
    const socket = this.#socket;
    this.#socket = undefined;
    this.#intake.close();
    for (const session of this.#sessions) session.abandonAll();
    if (!this.#isBinding) this.#release(socket);
  }

  #release(socket: ServerSocket | undefined): void {
    if (socket) socket.close(() => this.#handler.left());
    else this.#handler.left();
  }

  stats(): ServerStats {
    return {
      clients: this.#sessions.size,
      keys: this.#budgets.keys,
      evicted: this.#sessions.evicted,
      evictedPerClient: this.#sessions.evictedPerClient,
      isDraining: this.#departure !== undefined,
      ...this.#intake.stats(),
      unauthorized: this.#unauthorized,
      undelivered: this.#undelivered,
      dropped: this.#drops.snapshot(),
    };
  }

  unwrap(): unknown {
    return this.#socket?.unwrap();
  }

  #received(peer: Buffer, frames: Frames): void {
    if (isPack(frames)) hearAll(decodeClientPack(frames), (message) => this.#heard(peer, message));
    else this.#heard(peer, decodeClientMessage(frames));
  }

  #heard(peer: Buffer, message: ClientMessage | Malformed): void {
    // The message before, of the same pack, may have closed the server, or had its sender revoked.
    if (this.#isClosed || !this.#isHeard(peer)) return;
    switch (message.type) {
      case 'malformed':
        return this.#dropped(message);
      case 'ping':
        return this.#pinged(peer, message);
      case 'request':
        return this.#requested(peer, message);
      case 'event':
        return this.#takeIn(peer, message);
      case 'cancel':
        return this.#jobOf(peer, message.id)?.abandon();
      case 'credit':
        return this.#jobOf(peer, message.id)?.grant(message.values);
      case 'goodbye':
        this.#socket?.left(peer);
        return this.#ended(peer);
    }
  }

  /** The socket may have forgotten some connections of the one that was revoked: it is asked of each that has work here. */
  #revoked(peers: readonly Buffer[]): void {
    const unheard = new Map(peers.map((peer) => [peer.toString('latin1'), peer]));
    const owners = [...this.#sessions, ...this.#intake.olderClients].filter(
      ({ peer }) => !this.#isHeard(peer),
    );
    for (const { peer } of owners) unheard.set(peer.toString('latin1'), peer);
    abandonAll(owners);
    for (const peer of unheard.values()) {
      this.#ended(peer);
      this.#post(peer, DENIED);
    }
  }

  /** Whose connection has ended, one engine tells at once; for the other one the lookout finds out. */
  #lostPeer(peer: Buffer | undefined): void {
    if (!peer) return this.#lookout.lost();
    const older = this.#intake.olderClient(peer);
    if (older) abandonAll([older]);
    this.#undelivered += this.#sessions.lost(peer, this.#now());
    this.#departure?.proceed();
  }

  #isHeard(peer: Buffer): boolean {
    return this.#socket?.isHeard(peer) ?? true;
  }

  #ended(peer: Buffer): void {
    this.#sessions.end(peer, this.#now());
    this.#departure?.proceed();
  }

  #pinged(peer: Buffer, ping: Ping): void {
    if (ping.dialect === 'negotiated') this.#sessions.heard(peer, this.#now()).pinged(ping);
    this.#greeter.pinged(peer, ping);
    this.#departure?.proceed();
  }

  #requested(peer: Buffer, message: Request): void {
    if (message.dialect === 'negotiated') this.#takeIn(peer, message);
    else this.#intake.takeUntyped(peer, message, (reply) => this.#post(peer, reply));
  }

  #takeIn(peer: Buffer, message: NegotiatedRequest | Event): void {
    const session = this.#sessions.heard(peer, this.#now());
    this.#intake.take(peer, session, message);
    this.#lookout.heardLate(session);
  }

  #jobOf(peer: Buffer, id: Id): Job | undefined {
    return this.#sessions.find(peer)?.jobs.get(id);
  }

  #pong(peer: Buffer, pong: Pong): void {
    // It may have been revoked while the readiness check ran.
    if (!this.#isHeard(peer)) return;
    if (pong.dialect === 'negotiated') this.#sessions.find(peer)?.send(pong);
    else this.#post(peer, pong);
  }

  #post(peer: Buffer, message: OutgoingServerMessage): void {
    this.#socket?.send(peer, encodeServerMessage(message), () => this.#undeliveredTo(peer));
  }

  /**
   * That client is gone, or does not read: what runs for it is stopped. Its session stays, for what it had
   * sent before may still come; that there is nobody, the next PONG out of turn finds out.
   */
  #undeliveredTo(peer: Buffer): void {
    this.#undelivered++;
    this.#sessions.undelivered(peer);
    this.#sessions.find(peer)?.abandonAll();
    this.#departure?.proceed();
  }

  #dropped({ reason }: { reason: DropReason }): void {
    if (this.#drops.count(reason, this.#now())) this.#handler.dropped(reason);
  }

  #now(): number {
    return this.#environment.clock.now();
  }
}

const UNKNOWN_SENDER = { reason: 'unknown sender' } as const;

const DENIED: Denied = { type: 'denied' };
