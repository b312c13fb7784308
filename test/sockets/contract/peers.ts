import { joined } from '../../../lib/frame.js';
import type {
  Connection,
  ConnectionListener,
  LossCause,
  OutgoingSocketFrames,
  Peer,
  ServerListener,
  ServerSocket,
  SocketFrames,
  SocketPort,
  Traffic,
} from '../../../lib/sockets/socket-port.js';

/** No listener is called from within the call of another one, or from within a method of a socket. */
class Nesting {
  #isWithin = false;
  /** Names of those that were. */
  readonly nested: string[] = [];

  run<Result>(what: string, body: () => Result): Result {
    if (this.#isWithin) this.nested.push(what);
    const before = this.#isWithin;
    this.#isWithin = true;
    try {
      return body();
    } finally {
      this.#isWithin = before;
    }
  }

  /** A method of a socket: it may be called from anywhere. */
  call<Result>(body: () => Result): Result {
    const before = this.#isWithin;
    this.#isWithin = true;
    try {
      return body();
    } finally {
      this.#isWithin = before;
    }
  }
}

/** All peers of a test run in one thread. */
export const nesting = new Nesting();

/** What is written down of a message: of long frames their beginning, and their length. */
export function textOf(frames: OutgoingSocketFrames): string {
  return frames.map(shown).join('|');
}

function shown(frame: Buffer | string): string {
  return frame.length > LONGEST_SHOWN
    ? `${frame.slice(0, LONGEST_SHOWN).toString()}… ${frame.length}`
    : String(frame);
}

const LONGEST_SHOWN = 64;

/** A client that writes down what it is told. */
export class TestClient implements ConnectionListener {
  /** `ready`, messages, `lost`, in their order. */
  readonly events: string[] = [];
  readonly messages: (readonly Buffer[])[] = [];
  readonly undelivered: string[] = [];
  reason: string | undefined;
  /** Whether `messages` has what it heard. */
  keepsFrames = true;
  whenReady: (client: TestClient) => void = () => {};
  whenHeard: (text: string, client: TestClient) => void = () => {};
  whenLost: (client: TestClient) => void = () => {};
  readonly #connection: Connection;

  constructor(port: SocketPort, endpoint: string, hooks: Partial<TestClient> = {}) {
    Object.assign(this, hooks);
    this.#connection = nesting.call(() => port.connect(endpoint, this));
  }

  get isReady(): boolean {
    return this.events.includes('ready');
  }

  get isLost(): boolean {
    return this.events.includes('lost');
  }

  onReady(): void {
    nesting.run('onReady', () => {
      this.events.push('ready');
      this.whenReady(this);
    });
  }

  onMessage(received: SocketFrames): void {
    const frames = received.map(joined);
    nesting.run('onMessage', () => {
      this.events.push(textOf(frames));
      if (this.keepsFrames) this.messages.push(frames);
      this.whenHeard(textOf(frames), this);
    });
  }

  onLost(reason: string, _cause?: LossCause): void {
    nesting.run('onLost', () => {
      this.events.push('lost');
      this.reason = reason;
      this.whenLost(this);
    });
  }

  /** Notes among the undelivered what was not taken. */
  send(...frames: (Buffer | string)[]): void {
    const told = () => nesting.run('onUndelivered', () => this.undelivered.push(textOf(frames)));
    nesting.call(() => this.#connection.send(frames, told));
  }

  sendFrames(frames: OutgoingSocketFrames): void {
    nesting.call(() => this.#connection.send(frames));
  }

  get traffic(): Traffic {
    return this.#connection.traffic();
  }

  close(): void {
    nesting.call(() => this.#connection.close());
  }
}

export interface Heard {
  /** Its key. */
  readonly peer: string;
  readonly text: string;
  readonly frames: readonly Buffer[];
}

/** A server that writes down what it is told. */
export class TestServer implements ServerListener {
  readonly heard: Heard[] = [];
  /** Whose connections have ended; 'somebody' where that is not told. */
  readonly lost: string[] = [];
  /** Messages and losses as they came. */
  readonly events: string[] = [];
  readonly undelivered: string[] = [];
  readonly faults: string[] = [];
  whenHeard: (heard: Heard, peer: Peer, server: TestServer) => void = () => {};
  whenLost: (server: TestServer) => void = () => {};
  /** Those that were heard, by key. */
  readonly #peers = new Map<string, Peer>();
  #socket: ServerSocket | undefined;
  #closing: Promise<void> | undefined;

  static async bind(
    port: SocketPort,
    addresses: readonly string[],
    hooks: Partial<TestServer> = {},
  ): Promise<TestServer> {
    const server = Object.assign(new TestServer(), hooks);
    server.#socket = await port.bind(addresses, server);
    return server;
  }

  /** @throws before it was bound */
  get socket(): ServerSocket {
    if (!this.#socket) throw new Error('it is told something before it was bound');
    return this.#socket;
  }

  get endpoint(): string {
    return this.socket.endpoints[0] ?? 'none';
  }

  get texts(): readonly string[] {
    return this.heard.map(({ text }) => text);
  }

  onMessage(peer: Peer, received: SocketFrames): void {
    const frames = received.map(joined);
    nesting.run('onMessage', () => {
      if (!this.#socket) this.faults.push('heard something before it was bound');
      this.#peers.set(peer.key, peer);
      const heard = { peer: peer.key, text: textOf(frames), frames };
      this.heard.push(heard);
      this.events.push(heard.text);
      this.whenHeard(heard, peer, this);
    });
  }

  onPeerLost(peer?: Peer): void {
    nesting.run('onPeerLost', () => {
      this.lost.push(peer?.key ?? 'somebody');
      this.events.push('lost');
      this.whenLost(this);
    });
  }

  onStrangerLost(): void {}

  onRevoked(): void {
    this.faults.push('revoked');
  }

  onRefused(who: string): void {
    this.faults.push(`refused ${who}`);
  }

  onUndecided(error: unknown): void {
    this.faults.push(`undecided: ${String(error)}`);
  }

  onStranger(): void {
    this.faults.push('stranger');
  }

  onAcceptFailed(error: unknown): void {
    this.faults.push(`not accepted: ${String(error)}`);
  }

  onFailed(error: unknown): void {
    this.faults.push(`failed: ${String(error)}`);
  }

  /** @throws if none of that key was heard */
  peer(key: string): Peer {
    const peer = this.#peers.get(key);
    if (!peer) throw new Error(`nobody of the key ${key} was heard`);
    return peer;
  }

  /** Notes among the undelivered what was not taken. */
  send(key: string, ...frames: (Buffer | string)[]): void {
    const told = () => nesting.run('onUndelivered', () => this.undelivered.push(textOf(frames)));
    nesting.call(() => this.peer(key).send(frames, told));
  }

  /** Resolves once its addresses are free. */
  close(): Promise<void> {
    this.#closing ??= new Promise((freed) => nesting.call(() => this.socket.close(freed)));
    return this.#closing;
  }
}

/** Says back what it hears. */
export const ECHO: Partial<TestServer> = {
  whenHeard: ({ frames }, peer, server) => server.send(peer.key, ...frames),
};
