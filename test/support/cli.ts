import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** The built program: `npm run pretest` makes it. */
export const PROGRAM = fileURLToPath(
  new URL('../../dist/bin/nestjs-freelance.js', import.meta.url),
);

export interface CliOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Standard input, which then ends; by default it ends at once. */
  readonly input?: string;
  /** The current directory; by default that of the tests. */
  readonly cwd?: string;
}

/** The command line as a process of its own, which ends with the test at the latest. */
export class Cli implements AsyncDisposable {
  stdout = '';
  stderr = '';
  readonly #process: ChildProcess;
  readonly #closed: Promise<unknown>;

  constructor(args: readonly string[], { env = {}, input = '', cwd }: CliOptions = {}) {
    this.#process = spawn(process.execPath, [PROGRAM, ...args], {
      stdio: 'pipe',
      ...(cwd !== undefined && { cwd }),
      env: { ...withoutOwn(process.env), ...env },
    });
    this.#process.stdout?.on('data', (chunk: Buffer) => (this.stdout += chunk.toString()));
    this.#process.stderr?.on('data', (chunk: Buffer) => (this.stderr += chunk.toString()));
    // The program may end before it has read everything.
    this.#process.stdin?.on('error', () => {});
    this.#process.stdin?.end(input);
    this.#closed = once(this.#process, 'close');
  }

  /** What it printed, line by line, as JSON. */
  get values(): unknown[] {
    return this.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Resolves with the exit code, or the signal that ended the process. */
  async ended(): Promise<number | NodeJS.Signals | null> {
    await this.#closed;
    return this.#process.exitCode ?? this.#process.signalCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#closed;
  }
}

/** Runs a command line until it ends. */
export async function cli(args: readonly string[], options?: CliOptions) {
  await using run = new Cli(args, options);
  const code = await run.ended();
  return { code, stdout: run.stdout, stderr: run.stderr, values: () => run.values };
}

/** Whoever runs the tests may have such variables. */
function withoutOwn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !/^FREELANCE_|COLOR|^NODE_OPTIONS$|^VITEST/u.test(name)),
  );
}
