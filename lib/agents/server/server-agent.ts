import type { AdmissionPolicy } from '../../core/admission.js';
import type { RefusalReason } from '../../protocol/headers.js';
import { isMalformed, type Malformed } from '../../protocol/malformed.js';
import type {
  Ack,
  ClientMessage,
  Event,
  Frames,
  Id,
  NegotiatedRequest,
  OutgoingServerMessage,
  Ping,
  Pong,
  Request,
  Untyped,
} from '../../protocol/messages.js';
import { decodeClientPack, isPack } from '../../protocol/pack.js';
import { decodeClientMessage, encodeServerMessage } from '../../protocol/plain-frames.js';
import type { ServerSocket, SocketPort } from '../../sockets/socket-port.js';
import { Agenda } from '../agenda.js';
import type { Environment } from '../clock.js';
import { DropCounter, type DropReason } from '../drop-counter.js';
import { hearAll } from '../hear-all.js';
import type { ClientSession } from './client-session.js';
import { Departure } from './departure.js';
import { Greeter, type GreeterOptions } from './greeter.js';
import type { Job } from './job.js';
import { readRequest, readUntypedRequest } from './read-request.js';
import { Replays } from './replays.js';
import { NegotiatedWriter, refusal, untypedWriter } from './reply-writer.js';
import { type CallKeeper, ServerCall, type ServerRequest } from './server-call.js';
import { ServerEvent } from './server-event.js';
import { Sessions } from './sessions.js';
import { Workload } from './workload.js';

export interface ServerAgentOptions extends GreeterOptions, AdmissionPolicy {
  /** How long after its end a call is remembered, in ms; 0 for not at all. */
  readonly replayWindow: number;
}

/** Who runs the calls. None of these may throw. */
export interface ServerHandler {
  handle(call: ServerCall): void;
  /** Has to tell the event when its handlers have ended. */
  event(event: ServerEvent): void;
  /** Whether the server can take calls. */
  isReady(): Promise<boolean>;
  dropped(reason: DropReason): void;
  /** The socket can no longer receive. */
  failed(error: unknown): void;
  /** The server is closed, whether it had bound or not, and its addresses are free. Told once. */
  left(): void;
}

/** What a server has done since it listens. */
export interface ServerStats {
  /**
   * Clients that were heard within ten of their heartbeats, or within 10 s if that is longer. Those of
   * the older dialects are not counted.
   */
  clients: number;
  /** Whether the server is about to leave: it answers what it has accepted, and takes nothing new. */
  isDraining: boolean;
  /** Calls and events whose handlers run. */
  running: number;
  /** Calls and events that wait for a place among those that run. */
  queued: number;
  /** Calls that have got a place so far, also those that no handler is for. */
  accepted: number;
  /** Events that were accepted so far. */
  events: number;
  /** Calls that were stopped because nobody waited for them any more, or their deadline passed. */
  abandoned: number;
  /** Calls and events that were not executed, by the reason that was told. */
  refused: Partial<Record<RefusalReason, number>>;
  /** Calls and events that came again within `replayWindow` after their end, and did not run again. */
  replayed: number;
  /** Messages whose client was gone, or left 65 536 of them, or of packs of them, unread. */
  undelivered: number;
  /** Messages of clients that made no sense and were dropped, by reason. */
  dropped: Partial<Record<DropReason, number>>;
}

/** A server: answers PINGs, hands REQUESTs and EVENTs to the handler, and sends what the calls reply. */
export class ServerAgent {
  readonly #sockets: SocketPort;
  readonly #environment: Environment;
  readonly #handler: ServerHandler;
  readonly #agenda: Agenda;
  readonly #greeter: Greeter;
  readonly #sessions: Sessions;
  readonly #workload: Workload;
  readonly #replays: Replays;
  /** Calls of the older dialects; those of the others are in the sessions. */
  readonly #untyped = new Set<ServerCall>();
  readonly #keeper: CallKeeper = {
    begin: (call) => {
      this.#accepted++;
      this.#handler.handle(call);
    },
    due: (job, now) => this.#workload.due(job, now),
  };
  readonly #drops = new DropCounter();
  #socket: ServerSocket | undefined;
  #departure: Departure | undefined;
  #isBinding = false;
  #isClosed = false;
  #accepted = 0;
  #events = 0;
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
    this.#workload = new Workload(options, this.#agenda, environment.clock);
    this.#replays = new Replays(options.replayWindow);
    this.#sessions = new Sessions(this.#agenda, (peer) => ({
      encode: encodeServerMessage,
      post: (frames, onUndelivered) => this.#socket?.send(peer, frames, onUndelivered),
      undelivered: () => this.#undeliveredTo(peer),
      atTurnEnd: environment.atTurnEnd,
    }));
    this.#greeter = new Greeter(options, {
      now: () => this.#now(),
      isReady: () => handler.isReady(),
      load: () => this.#workload.load,
      isDraining: () => this.#departure !== undefined,
      pong: (peer, pong) => this.#pong(peer, pong),
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
        onPeerLost: () => this.#lookForLost(),
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
    this.#departure = new Departure(timeout, {
      agenda: this.#agenda,
      sessions: this.#sessions,
      now: () => this.#now(),
      isBusy: () => this.#workload.running + this.#workload.queued > 0,
      leave: () => this.#leave(),
    });
    this.#departure.begin();
  }

  #leave(): void {
    this.#workload.refuseQueued('draining', LEAVING);
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
    this.#workload.stop();
    for (const session of this.#sessions) session.abandonAll();
    for (const call of this.#untyped) call.abandon();
    if (!this.#isBinding) this.#release(socket);
  }

  #release(socket: ServerSocket | undefined): void {
    if (socket) socket.close(() => this.#handler.left());
    else this.#handler.left();
  }

  stats(): ServerStats {
    return {
      clients: this.#sessions.size,
      isDraining: this.#departure !== undefined,
      running: this.#workload.running,
      queued: this.#workload.queued,
      accepted: this.#accepted,
      events: this.#events,
      abandoned: this.#workload.abandoned,
      refused: this.#workload.refused,
      replayed: this.#replays.replayed,
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
    // The message before, of the same pack, may have closed the server.
    if (this.#isClosed) return;
    switch (message.type) {
      case 'malformed':
        return this.#dropped(message);
      case 'ping':
        return this.#pinged(peer, message);
      case 'request':
        return this.#requested(peer, message);
      case 'event':
        return this.#eventCame(peer, message);
      case 'cancel':
        return this.#jobOf(peer, message.id)?.abandon();
      case 'credit':
        return this.#jobOf(peer, message.id)?.grant(message.values);
      case 'goodbye':
        this.#sessions.end(peer);
        return this.#departure?.proceed();
    }
  }

  #pinged(peer: Buffer, ping: Ping): void {
    if (ping.dialect === 'negotiated') this.#sessions.heard(peer, this.#now()).pinged(ping);
    this.#greeter.pinged(peer, ping);
    this.#departure?.proceed();
  }

  #requested(peer: Buffer, message: Request): void {
    if (message.dialect === 'negotiated')
      this.#called(this.#sessions.heard(peer, this.#now()), message);
    else this.#calledUntyped(peer, message);
  }

  #calledUntyped(peer: Buffer, message: Untyped<'request', Buffer>): void {
    const writer = untypedWriter(message, (reply) => this.#post(peer, reply));
    if (this.#workload.isFull) {
      this.#workload.countRefusal('busy');
      writer.refuse('busy', this.#busy());
      return;
    }
    const request = readUntypedRequest(message.body);
    if (isMalformed(request)) {
      this.#dropped(request);
      return;
    }
    const call = new ServerCall(request, Infinity, writer, this.#keeper, () => {
      this.#untyped.delete(call);
      this.#departure?.answeredUnheard();
      this.#over(call);
    });
    this.#untyped.add(call);
    this.#workload.take(call);
  }

  #called(session: ClientSession, message: NegotiatedRequest): void {
    const { id, headers } = message;
    const { jobs } = session;
    if (this.#isKnown(session, id)) return;
    const request = this.#admitted(session, message);
    if (!request) return;
    const { credit = Infinity } = headers;
    const recorder = this.#replays.record(session);
    const writer = new NegotiatedWriter(id, recorder ?? session);
    const call = new ServerCall(request, credit, writer, this.#keeper, () => {
      jobs.delete(id);
      if (recorder) this.#replays.remember(session, id, recorder.outcome, this.#now());
      if (!session.knowsGoodbye) this.#departure?.answeredUnheard();
      this.#over(call);
    });
    jobs.set(id, call);
    this.#workload.take(call);
  }

  #eventCame(peer: Buffer, message: Event): void {
    const session = this.#sessions.heard(peer, this.#now());
    const { id } = message;
    const { jobs } = session;
    if (this.#isKnown(session, id)) return;
    const request = this.#admitted(session, message);
    if (!request) return;
    const ack: Ack = { type: 'ack', id };
    const event = new ServerEvent(request, {
      begin: () => {
        this.#events++;
        session.send(ack);
        this.#handler.event(event);
      },
      refuse: (reason, text) => session.send(refusal(id, reason, text)),
      due: (job, now) => this.#workload.due(job, now),
      over: () => {
        jobs.delete(id);
        if (event.hasBegun) this.#replays.remember(session, id, ack, this.#now());
        this.#over(event);
      },
    });
    jobs.set(id, event);
    this.#workload.take(event);
  }

  /** The same again: while it runs, its answer is under way; afterwards it is answered as it was. */
  #isKnown(session: ClientSession, id: Id): boolean {
    return session.jobs.has(id) || this.#replays.replay(session, id, this.#now());
  }

  #over(job: Job): void {
    this.#workload.over(job);
    this.#departure?.proceed();
  }

  /** What is to be done; undefined if it cannot be read, cannot be taken in, or comes too late. */
  #admitted(session: ClientSession, message: Event | NegotiatedRequest): ServerRequest | undefined {
    if (this.#departure) return this.#refuse(session, message, 'draining', LEAVING);
    // Before it is read: who is overloaded spends nothing on what it turns away.
    if (this.#workload.isFull) return this.#refuse(session, message, 'busy', this.#busy());
    const request = readRequest(message, session.hello?.id, this.#environment.clock);
    if (isMalformed(request)) {
      this.#dropped(request);
      return undefined;
    }
    if (request.remaining() > 0) return request;
    return this.#refuse(session, message, 'expired', 'Its deadline has passed');
  }

  #refuse(
    session: ClientSession,
    { id }: { id: Id },
    reason: RefusalReason,
    text: string,
  ): undefined {
    this.#workload.countRefusal(reason);
    session.send(refusal(id, reason, text));
  }

  #busy(): string {
    return `The server is busy: ${this.#workload.describe()}. Try again later, or elsewhere.`;
  }

  /**
   * Some connection ended; ZeroMQ does not tell whose. A message to each client that this server does or
   * waits for something for finds out: to one that is gone it cannot be delivered.
   */
  #lookForLost(): void {
    for (const { peer, jobs, lastPing, owesGoodbye } of this.#sessions) {
      if ((jobs.size > 0 || owesGoodbye) && lastPing) this.#greeter.repeat(peer, lastPing);
    }
  }

  #jobOf(peer: Buffer, id: Id): Job | undefined {
    return this.#sessions.find(peer)?.jobs.get(id);
  }

  #pong(peer: Buffer, pong: Pong): void {
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
    const session = this.#sessions.find(peer);
    session?.undelivered();
    session?.abandonAll();
    this.#departure?.proceed();
  }

  #dropped({ reason }: Malformed): void {
    if (this.#drops.count(reason, this.#now())) this.#handler.dropped(reason);
  }

  #now(): number {
    return this.#environment.clock.now();
  }
}

const LEAVING = 'The server is about to leave. Try another one.';
