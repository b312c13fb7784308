import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { ToldSpan } from './span.js';

/** What a service tells the process that has started it. */
export type FromService =
  | { readonly ready: readonly string[] }
  | { readonly reserving: string }
  | { readonly span: ToldSpan };

/** To the process that has started this one. */
export function tell(message: FromService): void {
  process.send?.(message);
}

/** How long a service may take to start, in ms. */
const PATIENCE_MS = 30_000;

/** A service in a process of its own. */
export class Service {
  readonly #process: ChildProcess;

  constructor(
    readonly name: string,
    script: string,
    endpoints: readonly string[],
    heard: (message: FromService) => void,
  ) {
    const tracing = new URL('tracing.js', import.meta.url);
    this.#process = fork(new URL(script, import.meta.url), endpoints, {
      execArgv: ['--import', tracing.href],
      env: { ...process.env, SERVICE: name },
    });
    this.#process.on('message', (message: FromService) => heard(message));
  }

  /** The addresses at which it listens. */
  async listens(): Promise<readonly string[]> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    for (;;) {
      const [message] = (await once(this.#process, 'message', { signal })) as [FromService];
      if ('ready' in message) return message.ready;
    }
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}
