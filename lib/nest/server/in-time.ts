import { clearInterval, setInterval } from '../../node-timers.js';

/** How often it is looked whether somebody still waits, in ms. */
const LOOK_MS = 1000;

/** How long a serializer or a deserializer may take, in looks: twice as long as a client waits by default. */
const MOST_LOOKS = 10;

/** What is left to it once nobody waits any more, in looks: it is not stopped by that, and most need no more. */
const LOOKS_WHEN_LEFT = 2;

interface Work {
  readonly isWanted: () => boolean;
  readonly giveUp: (error: Error) => void;
  readonly by: string;
  looks: number;
  looksWhenLeft: number;
}

/**
 * Serializers and deserializers of a server that have not settled. Each holds the place of its call or event, which
 * nothing else would free. Behind one timer, so that those that settle at once cost none.
 */
export class InTime {
  readonly #work = new Set<Work>();
  readonly #lookMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(lookMs = LOOK_MS) {
    this.#lookMs = lookMs;
  }

  /**
   * Settles as the promise does, or rejects once that takes too long.
   *
   * @param by what of the user's made the promise
   * @param isWanted whether somebody waits for it
   */
  settled<T>(made: Promise<T>, by: string, isWanted: () => boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      const work: Work = { isWanted, giveUp: reject, by, looks: 0, looksWhenLeft: 0 };
      this.#work.add(work);
      this.#timer ??= setInterval(() => this.#look(), this.#lookMs).unref();
      made.then(resolve, reject).finally(() => this.#work.delete(work));
    });
  }

  #look(): void {
    if (this.#work.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      return;
    }
    for (const work of this.#work) {
      work.looks++;
      if (!work.isWanted()) work.looksWhenLeft++;
      if (work.looks < MOST_LOOKS && work.looksWhenLeft < LOOKS_WHEN_LEFT) continue;
      this.#work.delete(work);
      work.giveUp(tooLate(work));
    }
  }
}

function tooLate({ by, looksWhenLeft }: Work): Error {
  const when =
    looksWhenLeft < LOOKS_WHEN_LEFT
      ? `within ${(MOST_LOOKS * LOOK_MS) / 1000} s`
      : 'before its caller left, nor soon after';
  return new Error(
    `The promise of the server's ${by} has not settled ${when}: it holds its place no longer. ` +
      `See what the ${by} waits for.`,
  );
}

/** Of this process. */
export const inTime = new InTime();
