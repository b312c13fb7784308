import { Readiness } from '../../core/readiness.js';
import { decodeBody } from '../../protocol/body.js';
import { type Hello, PROTOCOL_VERSION } from '../../protocol/hello.js';
import { isMalformed, type Malformed } from '../../protocol/malformed.js';
import type { Frames, Ping, Pong, Request, ServerMessage } from '../../protocol/messages.js';
import { decodeClientMessage, encodeServerMessage } from '../../protocol/plain-frames.js';
import { decodeUntypedRequest } from '../../protocol/untyped.js';
import type { ServerSocket, SocketPort } from '../../sockets/socket-port.js';
import type { Environment } from '../clock.js';
import { DropCounter, type DropReason } from '../drop-counter.js';
import { replyWriter } from './reply-writer.js';
import { ServerCall, type ServerRequest } from './server-call.js';

export interface ServerAgentOptions {
  readonly serverId: string;
  /** How long an answer of the readiness check holds, in ms. */
  readonly readinessInterval: number;
}

/** Who runs the calls. None of these may throw. */
export interface ServerHandler {
  handle(call: ServerCall): void;
  /** Whether the server can take calls. */
  isReady(): Promise<boolean>;
  dropped(reason: DropReason): void;
  /** The socket can no longer receive. */
  failed(error: unknown): void;
}

export interface ServerStats {
  /** Calls that are running. */
  running: number;
  /** Calls that were accepted so far. */
  accepted: number;
  /** Replies whose client was gone, or did not read. */
  undelivered: number;
  /** Messages that made no sense and were dropped, by reason. */
  dropped: Partial<Record<DropReason, number>>;
}

/** A server: answers PINGs, hands REQUESTs to the handler, and sends what the calls reply. */
export class ServerAgent {
  readonly #options: ServerAgentOptions;
  readonly #sockets: SocketPort;
  readonly #environment: Environment;
  readonly #handler: ServerHandler;
  readonly #readiness: Readiness;
  /** The latest PING of each client that waits for a readiness check, by routing id. */
  readonly #unanswered = new Map<string, { peer: Buffer; ping: Ping }>();
  readonly #running = new Set<ServerCall>();
  readonly #drops = new DropCounter();
  #socket: ServerSocket | undefined;
  #isClosed = false;
  #accepted = 0;
  #undelivered = 0;

  constructor(
    options: ServerAgentOptions,
    sockets: SocketPort,
    environment: Environment,
    handler: ServerHandler,
  ) {
    this.#options = options;
    this.#sockets = sockets;
    this.#environment = environment;
    this.#handler = handler;
    this.#readiness = new Readiness(options.readinessInterval);
  }

  /** What was really bound; empty before. */
  get endpoints(): readonly string[] {
    return this.#socket?.endpoints ?? [];
  }

  /** @throws if an address cannot be bound, which its message names, or if closed meanwhile */
  async bind(addresses: readonly string[]): Promise<void> {
    const socket = await this.#sockets.bind(addresses, {
      onMessage: (peer, frames) => this.#received(peer, frames),
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
    this.#socket?.close();
    this.#socket = undefined;
    for (const call of this.#running) call.abandon();
  }

  stats(): ServerStats {
    return {
      running: this.#running.size,
      accepted: this.#accepted,
      undelivered: this.#undelivered,
      dropped: this.#drops.snapshot(),
    };
  }

  unwrap(): unknown {
    return this.#socket?.unwrap();
  }

  #received(peer: Buffer, frames: Frames): void {
    const message = decodeClientMessage(frames);
    switch (message.type) {
      case 'malformed':
        return this.#dropped(message);
      case 'ping':
        return this.#pinged(peer, message);
      case 'request':
        return this.#requested(peer, message);
    }
  }

  #requested(peer: Buffer, message: Request): void {
    const request = readRequest(message);
    if (isMalformed(request)) {
      this.#dropped(request);
      return;
    }
    const writer = replyWriter(message, (reply) => this.#send(peer, reply));
    const call = new ServerCall(request, writer, (ended) => this.#running.delete(ended));
    this.#accepted++;
    this.#running.add(call);
    this.#handler.handle(call);
  }

  #pinged(peer: Buffer, ping: Ping): void {
    if (!this.#readiness.isStale(this.#now())) {
      this.#pong(peer, ping);
      return;
    }
    this.#unanswered.set(peer.toString('latin1'), { peer, ping });
    if (this.#unanswered.size === 1) void this.#checkReadiness();
  }

  async #checkReadiness(): Promise<void> {
    this.#readiness.checked(await this.#handler.isReady(), this.#now());
    const waiting = [...this.#unanswered.values()];
    this.#unanswered.clear();
    for (const { peer, ping } of waiting) this.#pong(peer, ping);
  }

  #pong(peer: Buffer, ping: Ping): void {
    const { isReady } = this.#readiness;
    // A client of the older dialects understands one sign of a server that is not ready: silence.
    if (ping.dialect !== 'negotiated' && !isReady) return;
    this.#send(peer, pongTo(ping, this.#hello(isReady)));
  }

  #hello(isReady: boolean): Hello {
    return {
      protocol: PROTOCOL_VERSION,
      id: this.#options.serverId,
      capabilities: [],
      state: isReady ? 'ready' : 'unready',
      load: 0,
    };
  }

  #send(peer: Buffer, message: ServerMessage): void {
    this.#socket?.send(peer, encodeServerMessage(message), () => this.#undelivered++);
  }

  #dropped({ reason }: Malformed): void {
    if (this.#drops.count(reason, this.#now())) this.#handler.dropped(reason);
  }

  #now(): number {
    return this.#environment.clock.now();
  }
}

function pongTo(ping: Ping, hello: Hello): Pong {
  switch (ping.dialect) {
    case 'basic':
      return { type: 'pong', dialect: 'basic', serverId: hello.id };
    case 'tracked':
      return { type: 'pong', dialect: 'tracked', id: ping.id, time: ping.time };
    case 'negotiated':
      return { type: 'pong', dialect: 'negotiated', id: ping.id, time: ping.time, hello };
  }
}

function readRequest(message: Request): ServerRequest | Malformed {
  if (message.dialect !== 'negotiated') {
    const untyped = decodeUntypedRequest(message.body);
    if (isMalformed(untyped)) return untyped;
    return { pattern: untyped.pattern, data: untyped.data, metadata: {}, attempt: 1 };
  }
  const { pattern, type, metadata = {}, attempt } = message.headers;
  const body = decodeBody({ type, bytes: message.body });
  return isMalformed(body) ? body : { pattern, data: body.value, metadata, attempt };
}
