import { joined } from '../../lib/frame.js';
import type { HandshakeVerdict, Mechanism, ShownCredentials } from '../../lib/zmtp/mechanism.js';
import { Session } from '../../lib/zmtp/session.js';
import type { Message } from './material.js';

const LIMITS = { maxFrameBytes: 5000, maxMessageBytes: 10_000, maxFrames: 10 };

/** One side of a handshake: what it received, and what of that it should not have. */
export class HandshakeSide {
  readonly session: Session;
  readonly messages: Message[] = [];
  readonly credentials: ShownCredentials[] = [];
  readonly findings: string[] = [];
  routingId: string | undefined;
  /** How it ended; undefined if it has not. */
  code: string | undefined;

  constructor(mechanism: Mechanism) {
    this.session = new Session(
      { mechanism, limits: LIMITS },
      {
        onOutput: () => this.#note('onOutput', this.session.outputBytes > 0),
        onAsk: (credentials) => {
          this.#note('onAsk', this.credentials.length === 0);
          this.credentials.push(credentials);
        },
        onReady: ({ routingId }) => {
          this.#note('onReady', this.routingId === undefined);
          this.routingId = routingId.toString('latin1');
        },
        onMessage: (frames) => {
          this.#note('onMessage', this.routingId !== undefined);
          this.messages.push(frames.map(joined));
        },
        onFailed: ({ code }) => {
          this.#note('onFailed', this.code === undefined);
          this.code = code;
        },
      },
    );
    this.session.start();
  }

  get isReady(): boolean {
    return this.session.state === 'ready';
  }

  /** In pieces of that size, as a network may deliver them. */
  receive(bytes: Buffer, pieceSize: number): void {
    for (let at = 0; at < bytes.length; at += pieceSize) {
      this.session.receive(Buffer.from(bytes.subarray(at, at + pieceSize)));
    }
  }

  /** Answers a pending question, if there is one. */
  decide(verdict: HandshakeVerdict): void {
    if (this.credentials.length > 0) this.session.decide(verdict);
  }

  #note(event: string, isInPlace: boolean): void {
    if (!isInPlace) this.findings.push(`${event} out of place`);
    if (this.code !== undefined && event !== 'onFailed' && event !== 'onOutput') {
      this.findings.push(`${event} after the end`);
    }
  }
}
