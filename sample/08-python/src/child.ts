import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A process that ends when its standard input closes, so that nothing is left behind whatever happens here. */
export class Child {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;

  /** @param onLine called with each line that it prints */
  private constructor(command: string, args: readonly string[], onLine: (line: string) => void) {
    this.#process = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#ended = once(this.#process, 'close');
    if (this.#process.stdout) createInterface(this.#process.stdout).on('line', onLine);
  }

  /** Resolves with the first line that it prints: it is ready. */
  static async start(
    command: string,
    args: readonly string[],
    onLine: (line: string) => void = () => {},
  ): Promise<Child> {
    return new Promise((resolve, reject) => {
      const child = new Child(command, args, (line) => {
        resolve(child);
        onLine(line);
      });
      child.#ended.then(() => reject(new Error(`${args.join(' ')} did not start`)), reject);
    });
  }

  /** Resolves with how it has ended. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | NodeJS.Signals | null> {
    this.#process.kill(signal);
    await this.#ended;
    return this.#process.exitCode ?? this.#process.signalCode;
  }
}
