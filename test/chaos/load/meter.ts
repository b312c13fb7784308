import type { FreelanceError } from 'nestjs-freelance';

/** An answered call; times are of `performance.now()`. */
export interface Answered {
  readonly serverId: string;
  readonly startedAt: number;
  readonly endedAt: number;
}

export interface Failed {
  readonly code: string;
  readonly message: string;
  readonly ms: number;
}

/** How many failures are kept in detail; further ones are only counted. */
const KEPT_FAILURES = 100_000;

/** By then a recovered server is used again, in ms, on however busy a machine. */
const RETURN_MS = 30_000;

/** The outcomes of a load's calls. */
export class Meter {
  started = 0;
  answered = 0;
  failed = 0;
  readonly failures: Failed[] = [];
  readonly #heard = new Set<(answer: Answered) => void>();

  get open(): number {
    return this.started - this.answered - this.failed;
  }

  noteAnswer(answer: Answered): void {
    this.answered++;
    for (const hear of this.#heard) hear(answer);
  }

  noteFailure(error: unknown, ms: number): void {
    this.failed++;
    if (this.failures.length >= KEPT_FAILURES) return;
    const { code = 'unknown', message } = error as Partial<FreelanceError>;
    this.failures.push({ code, message: message ?? String(error), ms });
  }

  /** Tells every answer from now on. */
  listen(hear: (answer: Answered) => void): void {
    this.#heard.add(hear);
  }

  /** Keeps every answer from now on, until it is closed. */
  record(): Recording {
    const answers: Answered[] = [];
    const hear = (answer: Answered) => void answers.push(answer);
    this.#heard.add(hear);
    return { answers, [Symbol.dispose]: () => void this.#heard.delete(hear) };
  }

  /**
   * Resolves when that server has answered a call made after that moment.
   *
   * @throws Error if that takes too long
   */
  answeredBy(serverId: string, after = performance.now()): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const ended = (settle: () => void) => {
        clearTimeout(timer);
        this.#heard.delete(hear);
        settle();
      };
      const hear = (answer: Answered) => {
        if (answer.serverId !== serverId || answer.startedAt < after) return;
        ended(() => resolve(answer));
      };
      const never = new Error(`${serverId} answered no call for ${RETURN_MS} ms`);
      const timer = setTimeout(() => ended(() => reject(never)), RETURN_MS);
      this.#heard.add(hear);
    });
  }
}

export interface Recording extends Disposable {
  readonly answers: readonly Answered[];
}
