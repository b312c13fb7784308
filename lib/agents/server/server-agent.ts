import { isMalformed, type Malformed } from '../../protocol/malformed.js';
import type {
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
import { Greeter, type GreeterOptions } from './greeter.js';
import { readRequest, readUntypedRequest } from './read-request.js';
import { NegotiatedWriter, refusal, untypedWriter } from './reply-writer.js';
import { ServerCall, type ServerRequest } from './server-call.js';
import { Sessions } from './sessions.js';

export type ServerAgentOptions = GreeterOptions;

/** Who runs the calls. None of these may throw. */
export interface ServerHandler {
  handle(call: ServerCall): void;
  event(request: ServerRequest): void;
  /** Whether the server can take calls. */
  isReady(): Promise<boolean>;
  dropped(reason: DropReason): void;
  /** The socket can no longer receive. */
  failed(error: unknown): void;
}

/** What a server has done since it listens. */
export interface ServerStats {
  /**
   * Clients that were heard within ten of their heartbeats, or within 10 s if that is longer. Those of
   * the older dialects are not counted.
   */
  clients: number;
  /** Calls that are running. */
  running: number;
  /** Calls that were accepted so far, also those that no handler is for. */
  accepted: number;
  /** Events that were accepted so far. */
  events: number;
  /** Calls that were stopped because nobody waited for them any more, or their deadline passed. */
  abandoned: number;
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
  /** Running calls of the older dialects; those of the others are in the sessions. */
  readonly #untyped = new Set<ServerCall>();
  readonly #drops = new DropCounter();
  #socket: ServerSocket | undefined;
  #isClosed = false;
  #running = 0;
  #accepted = 0;
  #events = 0;
  #abandoned = 0;
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
    this.#sessions = new Sessions(this.#agenda, (peer) => ({
      encode: encodeServerMessage,
      post: (frames, onUndelivered) => this.#socket?.send(peer, frames, onUndelivered),
      undelivered: () => this.#undeliveredTo(peer),
      atTurnEnd: environment.atTurnEnd,
    }));
    this.#greeter = new Greeter(options, {
      now: () => this.#now(),
      isReady: () => handler.isReady(),
      pong: (peer, pong) => this.#pong(peer, pong),
    });
  }

  /** What was really bound; empty before. */
  get endpoints(): readonly string[] {
    return this.#socket?.endpoints ?? [];
  }

  /** @throws if an address cannot be bound, which its message names, or if closed meanwhile */
  async bind(addresses: readonly string[]): Promise<void> {
    const socket = await this.#sockets.bind(addresses, {
      onMessage: (peer, frames) => this.#received(peer, frames),
      onPeerLost: () => this.#lookForLost(),
      onFailed: (error) => this.#handler.failed(error),
    });
    if (this.#isClosed) {
      socket.close();
      throw new Error('the server was closed before it listened');
    }
    this.#socket = socket;
  }

  /** Stops what runs and leaves. */
  close(): void {
    this.#isClosed = true;
    this.#agenda.stop();
    for (const session of this.#sessions) session.flush();
    this.#socket?.close();
    this.#socket = undefined;
    for (const session of this.#sessions) session.abandonAll();
    for (const call of this.#untyped) call.abandon();
  }

  stats(): ServerStats {
    return {
      clients: this.#sessions.size,
      running: this.#running,
      accepted: this.#accepted,
      events: this.#events,
      abandoned: this.#abandoned,
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
        return this.#callOf(peer, message.id)?.abandon();
      case 'credit':
        return this.#callOf(peer, message.id)?.grant(message.values);
      case 'goodbye':
        return this.#sessions.end(peer);
    }
  }

  #pinged(peer: Buffer, ping: Ping): void {
    if (ping.dialect === 'negotiated') this.#sessions.heard(peer, this.#now()).pinged(ping);
    this.#greeter.pinged(peer, ping);
  }

  #requested(peer: Buffer, message: Request): void {
    if (message.dialect === 'negotiated')
      this.#called(this.#sessions.heard(peer, this.#now()), message);
    else this.#calledUntyped(peer, message);
  }

  #calledUntyped(peer: Buffer, message: Untyped<'request', Buffer>): void {
    const request = readUntypedRequest(message.body);
    if (isMalformed(request)) {
      this.#dropped(request);
      return;
    }
    const writer = untypedWriter(message, (reply) => this.#post(peer, reply));
    const call = new ServerCall(request, Infinity, writer, () => {
      this.#untyped.delete(call);
      this.#over(call);
    });
    this.#untyped.add(call);
    this.#start(call);
  }

  #called(session: ClientSession, message: NegotiatedRequest): void {
    const { id, headers } = message;
    const { calls } = session;
    // The same call again, while it runs: its answer is under way.
    if (calls.has(id)) return;
    const request = this.#admitted(session, message);
    if (!request) return;
    const { credit = Infinity, timeout } = headers;
    const call = new ServerCall(request, credit, new NegotiatedWriter(id, session), () => {
      calls.delete(id);
      this.#over(call);
    });
    calls.set(id, call);
    if (timeout !== undefined) this.#agenda.schedule(call, this.#now() + timeout);
    this.#start(call);
  }

  #start(call: ServerCall): void {
    this.#accepted++;
    this.#running++;
    this.#handler.handle(call);
  }

  #over(call: ServerCall): void {
    this.#running--;
    this.#agenda.cancel(call);
    if (call.wasAbandoned) this.#abandoned++;
  }

  #eventCame(peer: Buffer, message: Event): void {
    const session = this.#sessions.heard(peer, this.#now());
    const request = this.#admitted(session, message);
    if (!request) return;
    this.#events++;
    session.send({ type: 'ack', id: message.id });
    this.#handler.event(request);
  }

  /** What is to be done; undefined if it cannot be read, or comes too late. */
  #admitted(session: ClientSession, message: Event | NegotiatedRequest): ServerRequest | undefined {
    const request = readRequest(message, session.hello?.id, this.#environment.clock);
    if (isMalformed(request)) {
      this.#dropped(request);
      return undefined;
    }
    if (request.remaining() > 0) return request;
    const what = message.type === 'event' ? 'event' : 'call';
    session.send(refusal(message.id, 'expired', `The deadline of the ${what} has passed`));
    return undefined;
  }

  /**
   * Some connection ended; ZeroMQ does not tell whose. A message to each client that has calls running
   * finds out: to one that is gone it cannot be delivered.
   */
  #lookForLost(): void {
    for (const { peer, calls, lastPing } of this.#sessions) {
      if (calls.size > 0 && lastPing) this.#greeter.repeat(peer, lastPing);
    }
  }

  #callOf(peer: Buffer, id: Id): ServerCall | undefined {
    return this.#sessions.find(peer)?.calls.get(id);
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
    this.#sessions.find(peer)?.abandonAll();
  }

  #dropped({ reason }: Malformed): void {
    if (this.#drops.count(reason, this.#now())) this.#handler.dropped(reason);
  }

  #now(): number {
    return this.#environment.clock.now();
  }
}
