import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What a pod says once it is ready. */
export interface Ready {
  readonly url: string;
  readonly endpoint?: string;
}

/** A pod without a cluster: a process. */
export class Pod {
  readonly #process: ChildProcess;
  readonly #ready: Promise<unknown[]>;

  constructor(
    readonly name: string,
    script: string,
    env: Readonly<Record<string, string>>,
  ) {
    this.#process = fork(new URL(script, import.meta.url), {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      execArgv: ['--import', new URL('with-parent.js', import.meta.url).href],
      env: { ...process.env, POD_NAME: name, HTTP_PORT: '0', ...env },
    });
    this.#ready = Promise.race([
      once(this.#process, 'message'),
      once(this.#process, 'exit').then(() => Promise.reject(new Error(`${name} did not start`))),
    ]);
    this.#ready.catch(() => {});
  }

  async ready(): Promise<Ready> {
    const [said] = await this.#ready;
    return said as Ready;
  }

  /** As a kubelet does. Resolves once the process has ended. */
  async terminate(graceMs: number): Promise<void> {
    const ended = once(this.#process, 'exit');
    this.#process.kill('SIGTERM');
    const grace = setTimeout(() => this.#process.kill('SIGKILL'), graceMs);
    await ended;
    clearTimeout(grace);
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}
