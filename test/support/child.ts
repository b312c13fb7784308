import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/**
 * A child process of a test, which prints lines of JSON on its standard output and ends when its standard input closes, so
 * that nothing is left behind if the test dies.
 */
export class Child implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lines: unknown[] = [];
  readonly #waiting: { resolve(line: unknown): void; reject(error: Error): void }[] = [];
  #errors = '';
  #hasEnded = false;

  /** One of the programs in `test/processes`, compiled. */
  static node(program: string, ...args: string[]): Child {
    return new Child(process.execPath, [folder(`../processes/dist/${program}.js`), ...args]);
  }

  constructor(command: string, args: readonly string[]) {
    this.#process = spawn(command, args, { stdio: 'pipe' });
    this.#process.stderr?.on('data', (chunk: Buffer) => (this.#errors += chunk.toString()));
    if (!this.#process.stdout) throw new Error('a piped process has a standard output');
    createInterface(this.#process.stdout).on('line', (text) => {
      const line: unknown = JSON.parse(text);
      const waiting = this.#waiting.shift();
      if (waiting) waiting.resolve(line);
      else this.#lines.push(line);
    });
    this.#process.once('close', () => {
      this.#hasEnded = true;
      for (const waiting of this.#waiting.splice(0)) waiting.reject(this.#endedError());
    });
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error('the process did not start');
    return this.#process.pid;
  }

  get errors(): string {
    return this.#errors;
  }

  /** The next line that the process prints; rejects if it ends instead. */
  nextLine(): Promise<unknown> {
    if (this.#lines.length > 0) return Promise.resolve(this.#lines.shift());
    if (this.#hasEnded) return Promise.reject(this.#endedError());
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  tell(line: unknown): void {
    this.#process.stdin?.write(`${JSON.stringify(line)}\n`);
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Resolves with the exit code, or the signal that ended the process. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    if (!this.#hasEnded) await once(this.#process, 'close');
    return this.#process.exitCode ?? this.#process.signalCode;
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.ended();
  }

  #endedError(): Error {
    const { exitCode, signalCode } = this.#process;
    return new Error(`the process ended (${exitCode ?? signalCode}) and said: ${this.#errors}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
