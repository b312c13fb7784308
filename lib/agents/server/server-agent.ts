import { encodeServerMessage } from '../../protocol/plain-frames.js';
import type { Peer, SocketPort } from '../../sockets/socket-port.js';
import type { Environment } from '../clock.js';
import { DeferredTask } from '../deferred-task.js';
import { Notifications } from '../notifications.js';
import { Scheduler } from '../scheduler.js';
import { ClientProber } from './client-prober.js';
import { Clients } from './clients.js';
import { Drain } from './drain.js';
import { Intake, type IntakeOptions } from './intake.js';
import { ListeningSocket } from './listening-socket.js';
import { MessageRouter, type MessageRouterOptions } from './message-router.js';
import { PeerSender } from './peer-sender.js';
import { PingResponder, type PingResponderOptions } from './ping-responder.js';
import { Rejections } from './rejections.js';
import type { ServerHandler } from './server-handler.js';
import type { ServerStats } from './server-stats.js';
import type { SessionsPolicy } from './sessions.js';

type Readiness = Pick<PingResponder, 'setReady' | 'isReady' | 'state'>;

export interface ServerAgentOptions
  extends PingResponderOptions, IntakeOptions, SessionsPolicy, MessageRouterOptions {}

/** A server from bind to close: wires the parts that answer PINGs, run calls and events, and keep track of clients. */
export class ServerAgent {
  readonly #now: () => number;
  readonly #handler: ServerHandler;
  readonly #notifications = new Notifications();
  readonly #scheduler: Scheduler;
  readonly #sender: PeerSender;
  readonly #clients: Clients;
  readonly #intake: Intake;
  readonly #prober: ClientProber;
  readonly #router: MessageRouter;
  readonly #pingResponder: PingResponder;
  readonly #rejections: Rejections;
  readonly #socket: ListeningSocket;
  #drain: Drain | undefined;
  #isClosed = false;

  constructor(
    options: ServerAgentOptions,
    sockets: SocketPort,
    environment: Environment,
    handler: ServerHandler,
  ) {
    this.#socket = new ListeningSocket(sockets, (endpoints) =>
      this.#notifications.tell(() => handler.left(endpoints)),
    );
    const { clock } = environment;
    this.#now = () => clock.now();
    this.#handler = handler;
    const notifications = this.#notifications;
    this.#rejections = new Rejections({ notifications, handler, now: this.#now });
    const scheduler = new Scheduler(clock, notifications);
    this.#scheduler = scheduler;
    const sender = new PeerSender({
      socket: this.#socket,
      session: (peer) => this.#clients.session(peer),
      undelivered: (peer) => this.#undeliveredTo(peer),
    });
    this.#sender = sender;
    this.#clients = new Clients(options, {
      scheduler,
      now: this.#now,
      depsOf: (peer) => ({
        encode: encodeServerMessage,
        post: (frames, onUndelivered) => sender.post(peer, frames, onUndelivered),
        undelivered: () => this.#undeliveredTo(peer),
        atTurnEnd: environment.atTurnEnd,
        firstBatch: sockets.firstBatch,
      }),
    });
    this.#intake = new Intake(
      options,
      { notifications, untyped: this.#clients.untyped, scheduler, clock },
      {
        handle: (call) => handler.handle(call),
        event: (event) => handler.event(event),
        declined: (reason, pattern) => handler.declined(reason, pattern),
        dropped: (malformed) => this.#rejections.dropped(malformed),
        answeredUnheard: () => this.#drain?.answeredUnheard(),
        jobOver: () => this.#drain?.proceed(),
      },
    );
    const pingResponder = (this.#pingResponder = new PingResponder(options, {
      scheduler,
      sessions: this.#clients.sessions,
      now: this.#now,
      isReady: () => handler.isReady(),
      load: () => this.#intake.load,
      isDraining: () => this.#drain !== undefined,
      pong: (peer, pong) => sender.pong(peer, pong),
    }));
    this.#prober = new ClientProber({
      scheduler,
      sessions: this.#clients.sessions,
      now: this.#now,
      probe: ({ peer, lastPing }) => lastPing && pingResponder.repeat(peer, lastPing),
    });
    this.#router = new MessageRouter(
      options,
      {
        notifications,
        clients: this.#clients,
        intake: this.#intake,
        pingResponder,
        prober: this.#prober,
        isClosed: () => this.#isClosed,
        tell: (peer, message) => sender.send(peer, message),
      },
      {
        malformed: (message) => this.#rejections.dropped(message),
        pinged: () => this.#drain?.proceed(),
        goodbye: (peer) => {
          peer.left();
          this.#clients.ended(peer);
          this.#drain?.proceed();
        },
      },
    );
  }

  /** The addresses that were bound, with the ports that `*` stood for; empty before. */
  get endpoints(): readonly string[] {
    return this.#socket.endpoints;
  }

  /** @throws if an address cannot be bound, which its message names, or if closed meanwhile */
  async bind(addresses: readonly string[]): Promise<void> {
    await this.#socket.bind(addresses, {
      onMessage: (peer, frames) => this.#router.received(peer, frames),
      onPeerLost: (peer) => this.#lostPeer(peer),
      onStrangerLost: () => this.#prober.lostStranger(),
      onRevoked: (peers) => this.#revoked(peers),
      onRefused: (who) => this.#rejections.unauthorized(who),
      onUndecided: (error) => this.#rejections.undecided(error),
      onStranger: (peer) => {
        this.#rejections.dropped({ reason: 'unknown-sender' });
        this.#sender.deny(peer);
      },
      onAcceptFailed: (error) => this.#handler.acceptFailed(error),
      onFailed: (error) => this.#handler.failed(error),
    });
  }

  /** Refuses what is new, answers what it has accepted, and closes once clients have read that, or after `timeout` ms. */
  drain(timeout: number): void {
    if (this.#drain || this.#isClosed) return;
    if (!this.#socket.isOpen || timeout === 0) return this.close();
    const endpoints = [...this.endpoints];
    this.#intake.drain();
    const drain = (this.#drain = new Drain(timeout, {
      scheduler: this.#scheduler,
      sessions: this.#clients.sessions,
      now: this.#now,
      isBusy: () => this.#intake.isBusy,
      leave: () => {
        this.#intake.dismiss();
        this.close();
      },
    }));
    this.#notifications.within(() => {
      this.#notifications.tell(() => this.#handler.draining(endpoints));
      drain.begin();
    });
  }

  /** Abandons everything that runs, and closes the socket. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#drain = undefined;
    this.#scheduler.stop();
    this.#pingResponder.close();
    this.#clients.flush();
    this.#intake.close();
    this.#notifications.within(() => {
      this.#clients.abandonAll();
      this.#socket.close();
    });
  }

  /** Runs it after that many ms, unless the server has closed by then: for Nest's face, which has no timers of its own. */
  after(ms: number, run: () => void): void {
    new DeferredTask(this.#scheduler, run).at(this.#now() + ms);
  }

  /** Whether it takes calls, as its PONGs say. */
  get readiness(): Readiness {
    return this.#pingResponder;
  }

  stats(): ServerStats {
    return {
      ...this.#clients.stats(),
      isDraining: this.#drain !== undefined,
      ...this.#intake.stats(),
      ...this.#rejections.stats(),
      ...this.#socket.stats(),
    };
  }

  /** What gauges show: a part of `stats()` that costs little. */
  figures(): Pick<ServerStats, 'running' | 'queued'> {
    return this.#intake.figures();
  }

  unwrap(): unknown {
    return this.#socket.unwrap();
  }

  #revoked(peers: readonly Peer[]): void {
    this.#notifications.within(() => {
      for (const peer of this.#clients.revoked(peers)) this.#sender.deny(peer);
      this.#drain?.proceed();
    });
  }

  /** @param peer undefined for an engine that does not know whose connection has ended: the prober finds out */
  #lostPeer(peer: Peer | undefined): void {
    if (!peer) return this.#prober.lost();
    this.#notifications.within(() => {
      this.#clients.lost(peer);
      this.#drain?.proceed();
    });
  }

  #undeliveredTo(peer: Peer): void {
    this.#notifications.within(() => {
      this.#clients.undeliveredTo(peer);
      this.#drain?.proceed();
    });
  }
}
