import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

type FromServer = { readonly endpoints: readonly string[] } | { readonly putBack: number };

/** From a server to the process that has started it. */
export function tell(message: FromServer): void {
  process.send?.(message);
}

/** How long a server may take to tell something, in ms. */
const PATIENCE_MS = 30_000;

/** A server in a process of its own. */
export class ServerProcess {
  readonly #process: ChildProcess = fork(new URL('server.js', import.meta.url));

  /** The addresses at which it listens. */
  async endpoints(): Promise<readonly string[]> {
    const message = await this.#next();
    return 'endpoints' in message ? message.endpoints : this.endpoints();
  }

  /** The next order that it puts back. */
  async putBack(): Promise<number> {
    const message = await this.#next();
    return 'putBack' in message ? message.putBack : this.putBack();
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }

  async #next(): Promise<FromServer> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const [message] = (await once(this.#process, 'message', { signal })) as [FromServer];
    return message;
  }
}
