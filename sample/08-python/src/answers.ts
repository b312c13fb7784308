/** So many answers tell who is used. */
const ENOUGH = 200;

/** How long that may take, in ms: a second, and much more on a busy machine. */
const PATIENCE_MS = 60_000;

/** Who answers the calls of a client. */
export class Answers {
  failed = 0;
  #latest: string[] = [];
  #heard = () => {};

  add(server: string): void {
    this.#latest.push(server);
    if (this.#latest.length > ENOUGH) this.#latest.shift();
    this.#heard();
  }

  /** Resolves once these servers, all of them and no other, have given the latest answers. */
  async comeFrom(...servers: readonly string[]): Promise<void> {
    const wanted = servers.toSorted().join();
    const signal = AbortSignal.timeout(PATIENCE_MS);
    this.#latest = [];
    await new Promise<void>((resolve, reject) => {
      this.#heard = () => {
        if (
          this.#latest.length === ENOUGH &&
          [...new Set(this.#latest)].toSorted().join() === wanted
        )
          resolve();
      };
      signal.addEventListener('abort', () =>
        reject(new Error(`${wanted} should answer, but ${[...new Set(this.#latest)].join()} did`)),
      );
    });
  }
}
