import { EventEmitter, once } from 'node:events';
import type { Socket } from 'node:net';
import { joined } from '../../lib/frame.js';
import type { HandshakeVerdict, Mechanism, ShownCredentials } from '../../lib/zmtp/mechanism.js';
import { Session } from '../../lib/zmtp/session.js';
import type { ZmtpError } from '../../lib/zmtp/zmtp-error.js';

const LIMITS = { maxFrameBytes: 20_000_000, maxMessageBytes: 40_000_000, maxFrames: 1000 };

/** A session over a socket, without the engine. */
export class Wire implements Disposable {
  readonly session: Session;
  readonly asked: ShownCredentials[] = [];
  readonly #events = new EventEmitter();
  readonly #messages: Buffer[][] = [];
  readonly #socket: Socket;
  #isReady = false;
  #error: ZmtpError | undefined;

  constructor(socket: Socket, mechanism: Mechanism, verdict: HandshakeVerdict = 'admitted') {
    this.#socket = socket;
    this.session = new Session(
      { mechanism, limits: LIMITS },
      {
        onOutput: () => setImmediate(() => this.#flush()),
        onAsk: (credentials) => {
          this.asked.push(credentials);
          setImmediate(() => this.session.decide(verdict));
        },
        onReady: () => {
          this.#isReady = true;
          this.#events.emit('change');
        },
        onMessage: (frames) => {
          this.#messages.push(frames.map(joined));
          this.#events.emit('change');
        },
        onFailed: (error) => {
          this.#error = error;
          this.#events.emit('change');
          setImmediate(() => socket.end());
        },
      },
    );
    socket.on('data', (chunk: Buffer) => this.session.receive(chunk));
    socket.on('error', () => {});
    this.session.start();
  }

  /** @throws the error of the handshake */
  async ready(): Promise<void> {
    while (!this.#isReady && !this.#error) await once(this.#events, 'change');
    if (this.#error) throw this.#error;
  }

  async failed(): Promise<ZmtpError> {
    while (!this.#error) await once(this.#events, 'change');
    return this.#error;
  }

  async next(): Promise<Buffer[]> {
    for (;;) {
      const message = this.#messages.shift();
      if (message) return message;
      if (this.#error) throw this.#error;
      await once(this.#events, 'change');
    }
  }

  [Symbol.dispose](): void {
    this.session.close();
    this.#socket.destroy();
  }

  #flush(): void {
    for (const piece of this.session.takeOutput()) this.#socket.write(piece);
  }
}
