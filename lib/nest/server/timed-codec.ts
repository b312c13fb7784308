import type { PacketCodec } from '../packet-codec.js';
import type { Serialized } from '../../protocol/body.js';

/** How often unsettled promises are looked at, in ms. */
const LOOK_MS = 1000;

/** How long a serializer or a deserializer may take, in looks: twice the default `requestTimeout` of a client. */
const MAX_LOOKS = 10;

/** How long it may still take once nobody waits for it, in looks: it cannot be stopped, and most need no longer. */
const MAX_LOOKS_UNWANTED = 2;

/** Runs something after that many ms, unless the server has closed by then. */
type After = (ms: number, run: () => void) => void;

/** A promise of the user's code that has not settled. */
interface Pending {
  readonly isWanted: () => boolean;
  readonly giveUp: (error: Error) => void;
  readonly by: 'serializer' | 'deserializer';
  looks: number;
  looksUnwanted: number;
}

/**
 * The user's serializer and deserializer at a server, with a time limit: until they settle, a call or event holds its
 * place, which nothing else would free. All pending promises share one timer of the server's agent, so that a promise
 * which settles at once costs none.
 */
export class TimedCodec {
  readonly #codec: PacketCodec;
  readonly #after: After;
  readonly #pending = new Set<Pending>();
  #isLooking = false;

  constructor(codec: PacketCodec, after: After) {
    this.#codec = codec;
    this.#after = after;
  }

  get serializes(): boolean {
    return this.#codec.serializes;
  }

  get deserializes(): boolean {
    return this.#codec.deserializes;
  }

  /**
   * As `PacketCodec.outgoing`; rejects once that takes too long.
   *
   * @param isWanted whether somebody still waits for the result
   */
  outgoing<Packet extends object>(
    packet: Packet,
    isWanted: () => boolean,
  ): Promise<Packet | Serialized> {
    return this.#timed(this.#codec.outgoing(packet), 'serializer', isWanted);
  }

  /** As `PacketCodec.incoming`; rejects once that takes too long. */
  incoming<Packet extends object>(
    packet: Packet,
    content: unknown,
    isWanted: () => boolean,
  ): Promise<Packet> {
    return this.#timed(this.#codec.incoming(packet, content), 'deserializer', isWanted);
  }

  #timed<T>(made: Promise<T>, by: Pending['by'], isWanted: () => boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const pending: Pending = { isWanted, giveUp: reject, by, looks: 0, looksUnwanted: 0 };
      this.#pending.add(pending);
      if (!this.#isLooking) this.#lookLater();
      made.then(resolve, reject).finally(() => this.#pending.delete(pending));
    });
  }

  #lookLater(): void {
    this.#isLooking = true;
    this.#after(LOOK_MS, () => this.#look());
  }

  #look(): void {
    this.#isLooking = false;
    if (this.#pending.size === 0) return;
    for (const pending of this.#pending) {
      pending.looks++;
      if (!pending.isWanted()) pending.looksUnwanted++;
      if (pending.looks < MAX_LOOKS && pending.looksUnwanted < MAX_LOOKS_UNWANTED) continue;
      this.#pending.delete(pending);
      pending.giveUp(tooLate(pending));
    }
    this.#lookLater();
  }
}

function tooLate({ by, looksUnwanted }: Pending): Error {
  const when =
    looksUnwanted < MAX_LOOKS_UNWANTED
      ? `within ${(MAX_LOOKS * LOOK_MS) / 1000} s`
      : `within ${(MAX_LOOKS_UNWANTED * LOOK_MS) / 1000} s after its caller left`;
  return new Error(
    `The promise of the server's ${by} has not settled ${when}: its call gives up its place. ` +
      `See what the ${by} waits for.`,
  );
}
