import { joined } from '../../lib/frame.js';
import type { Mechanism, PeerMetadata, ShownCredentials } from '../../lib/zmtp/mechanism.js';
import { nullMechanism } from '../../lib/zmtp/null-mechanism.js';
import { Session } from '../../lib/zmtp/session.js';
import type { MessageLimits } from '../../lib/zmtp/session-options.js';
import type { ZmtpErrorCode } from '../../lib/zmtp/zmtp-error.js';

export type Told =
  | { ask: ShownCredentials }
  | { ready: PeerMetadata }
  | { message: string[] }
  | { failed: ZmtpErrorCode; text: string };

export const AMPLE: MessageLimits = {
  maxFrameBytes: 1_000_000,
  maxMessageBytes: 1_000_000,
  maxFrames: 1000,
};

export interface WitnessOptions {
  readonly mechanism?: Mechanism;
  readonly limits?: Partial<MessageLimits>;
  /** Called with each event, after it was recorded. */
  readonly on?: (told: Told, session: Session) => void;
  readonly onOutput?: (session: Session) => void;
}

/** A session and all its events; frames as latin1. */
export class Witness {
  readonly told: Told[] = [];
  readonly session: Session;
  /** How often it reported output. */
  outputs = 0;

  constructor({ mechanism = dealer(), limits, on, onOutput }: WitnessOptions = {}) {
    const tell = (told: Told) => {
      this.told.push(told);
      on?.(told, this.session);
    };
    this.session = new Session(
      { mechanism, limits: { ...AMPLE, ...limits } },
      {
        onOutput: () => {
          this.outputs++;
          onOutput?.(this.session);
        },
        onAsk: (ask) => tell({ ask }),
        onReady: (ready) => tell({ ready }),
        onMessage: (frames) =>
          tell({ message: frames.map((one) => joined(one).toString('latin1')) }),
        onFailed: ({ code, message }) => tell({ failed: code, text: message }),
      },
    );
    this.session.start();
  }

  get messages(): string[][] {
    return this.told.flatMap((one) => ('message' in one ? [one.message] : []));
  }

  get failure(): ZmtpErrorCode | undefined {
    return this.told.flatMap((one) => ('failed' in one ? [one.failed] : []))[0];
  }

  /** The output so far, as one Buffer. */
  output(): Buffer {
    return Buffer.concat(this.session.takeOutput());
  }

  hear(...bytes: (Buffer | string)[]): this {
    for (const one of bytes) {
      this.session.receive(typeof one === 'string' ? Buffer.from(one, 'latin1') : Buffer.from(one));
    }
    return this;
  }
}

export function dealer(routingId = ''): Mechanism {
  return nullMechanism({ socketType: 'DEALER', routingId: Buffer.from(routingId) });
}

export function router(): Mechanism {
  return nullMechanism({ socketType: 'ROUTER' });
}

/** Delivers the output of each side to the other until both are silent. */
export function converse(one: Witness, other: Witness): void {
  while (one.session.outputBytes > 0 || other.session.outputBytes > 0) {
    other.hear(one.output());
    one.hear(other.output());
  }
}

export function greeting(mechanism = 'NULL', minor = 1): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0x7f, 3, minor]);
  bytes.write(mechanism, 12);
  return bytes;
}

/** A frame as in RFC 37, long if necessary. */
export function frame(flags: number, body: Buffer | string): Buffer {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'latin1') : body;
  return bytes.length < 256
    ? Buffer.concat([Buffer.from([flags, bytes.length]), bytes])
    : longFrame(flags, bytes);
}

export function longFrame(flags: number, body: Buffer | string, size = body.length): Buffer {
  const head = Buffer.alloc(9);
  head[0] = flags | 2;
  head.writeBigUInt64BE(BigInt(size), 1);
  return Buffer.concat([head, typeof body === 'string' ? Buffer.from(body, 'latin1') : body]);
}

export function command(name: string, data = ''): Buffer {
  return frame(4, String.fromCharCode(name.length) + name + data);
}

export function property(name: string, value: string): string {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return String.fromCharCode(name.length) + name + length.toString('latin1') + value;
}

export function readyOf(socketType: string, identity = ''): Buffer {
  return command('READY', property('Socket-Type', socketType) + property('Identity', identity));
}

/** A DEALER's session that a ROUTER has made ready. */
export function readyDealer(options: WitnessOptions = {}): Witness {
  const witness = new Witness(options).hear(greeting(), readyOf('ROUTER'));
  witness.output();
  return witness;
}

/** Cuts bytes at these positions, each from 0 to 1. */
export function cutAt(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = places.map((place) => Math.floor(place * bytes.length)).toSorted((a, b) => a - b);
  let start = 0;
  return [...ends, bytes.length].map((end) => bytes.subarray(start, (start = end)));
}
