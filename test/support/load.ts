import type { FreelanceClientProxy } from 'nestjs-freelance';
import { firstValueFrom } from 'rxjs';

/** The answer of the `echo` handler of `math-server`. */
export interface Echo {
  readonly value: number;
  readonly serverId: string;
  readonly attempt: number;
}

export interface Answered {
  readonly serverId: string;
  readonly attempt: number;
  readonly ms: number;
}

/** A fixed number of callers, each of which calls again as soon as it is answered. */
export class Load {
  readonly answers: Answered[] = [];
  readonly failures: unknown[] = [];
  readonly #client: FreelanceClientProxy;
  readonly #callers: Promise<void>[];
  #isOver = false;
  #next = 0;

  constructor(client: FreelanceClientProxy, callers: number) {
    this.#client = client;
    this.#callers = Array.from({ length: callers }, () => this.#call());
  }

  /** The servers that answered the latest calls, as many as asked for. */
  latest(count: number): Set<string> {
    return new Set(this.answers.slice(-count).map(({ serverId }) => serverId));
  }

  /** Resolves after this many more answers. */
  async more(answers: number): Promise<void> {
    const until = this.answers.length + answers;
    while (this.answers.length < until) await new Promise((resolve) => setTimeout(resolve, 5));
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#callers);
  }

  async #call(): Promise<void> {
    while (!this.#isOver) {
      const value = this.#next++;
      const startedAt = performance.now();
      try {
        const echo = await firstValueFrom(this.#client.send<Echo>('echo', { value, ms: 2 }));
        if (echo.value !== value) throw new Error(`asked ${value}, was answered ${echo.value}`);
        const { serverId, attempt } = echo;
        this.answers.push({ serverId, attempt, ms: performance.now() - startedAt });
      } catch (failure) {
        this.failures.push(failure);
      }
    }
  }
}
