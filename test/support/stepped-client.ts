import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { expect } from 'vitest';
import type { Mechanism } from '../../lib/zmtp/mechanism.js';
import { Session } from '../../lib/zmtp/session.js';
import { eventually } from './eventually.js';

const LIMITS = { maxFrameBytes: 1000, maxMessageBytes: 1000, maxFrames: 10 };

/** A client whose handshake advances when the test says so. */
export class SteppedClient implements Disposable {
  readonly session: Session;
  readonly #socket: Socket;
  failure: string | undefined;
  isEnded = false;

  constructor(endpoint: string, mechanism: Mechanism) {
    const { hostname, port } = new URL(endpoint);
    this.session = new Session(
      { mechanism, limits: LIMITS },
      {
        onOutput: () => {},
        onAsk: () => {},
        onReady: () => {},
        onMessage: () => {},
        onFailed: ({ code }) => (this.failure = code),
      },
    );
    this.#socket = connect(Number(port), hostname);
    this.#socket.on('data', (chunk: Buffer) => this.session.receive(chunk));
    this.#socket.on('error', () => {});
    this.#socket.on('close', () => (this.isEnded = true));
    this.session.start();
  }

  async connected(): Promise<void> {
    await once(this.#socket, 'connect');
  }

  /** Its greeting, or its next command. */
  async step(): Promise<void> {
    await eventually(() => expect(this.session.outputBytes).toBeGreaterThan(0));
    for (const piece of this.session.takeOutput()) this.#socket.write(piece);
  }

  [Symbol.dispose](): void {
    this.session.close();
    this.#socket.destroy();
  }
}
