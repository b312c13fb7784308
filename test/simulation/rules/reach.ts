import type { Process } from '../world/process.js';
import type { Calm } from './calm.js';

/** What must be known of a server to say that it is reachable. */
export interface Reachable {
  readonly process: Process | undefined;
  readonly readyFrom: number;
}

/** Whether a client had a server that it could have called. */
export class Reach {
  readonly #servers: () => readonly Reachable[];
  readonly #calm: Calm;
  readonly #recoveryMs: number;

  /** @param recoveryMs how long after the last fault a client must have found a server again */
  constructor(servers: () => readonly Reachable[], calm: Calm, recoveryMs: number) {
    this.#servers = servers;
    this.#calm = calm;
    this.#recoveryMs = recoveryMs;
  }

  /** The name of a server with which all has been well for long enough. */
  ofLong(client: Process, now: number): string | undefined {
    const since = now - this.#recoveryMs;
    if (client.bornAt > since) return undefined;
    const found = this.#servers().find(
      ({ process, readyFrom }) =>
        process !== undefined &&
        process.bornAt < since &&
        readyFrom < since &&
        this.#calm.since(since, client, process) &&
        this.#calm.since(since, process, client),
    );
    return found?.process?.name;
  }
}
