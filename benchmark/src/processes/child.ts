import { type ChildProcess, fork } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { Watch } from '../run/watch.js';
import type { Answer } from './asking.js';
import type { Deeds } from './deeds.js';
import { LastWords } from './last-words.js';

/** How long a child may take to answer a request, in ms. */
const PATIENCE_MS = 30_000;

/** How long a released child may take to exit, in ms. */
const FAREWELL_MS = 3000;

/** How many lines of one child are shown: a complaint per call would fill the log. */
const SHOWN_LINES = 20;

interface Waiting {
  resolve(output: unknown): void;
  reject(error: Error): void;
}

/** A process of the benchmark, which handles one request at a time. */
export class Child<T extends Deeds<T>> {
  readonly #name: string;
  readonly #watch: Watch;
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #lastWords: LastWords;
  #waiting: Waiting | undefined;
  #mayEnd = false;

  /**
   * @param name its name in messages
   * @param watch is told if the child ends before it is released
   */
  constructor(name: string, script: string, watch: Watch) {
    this.#name = name;
    this.#watch = watch;
    this.#process = fork(new URL(script, import.meta.url), {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A process group of its own: Ctrl-C in the terminal reaches only the parent, which then ends the others.
      detached: true,
      env: { ...process.env, NO_COLOR: '1' },
    });
    this.#lastWords = new LastWords(this.#process);
    this.#showComplaints();
    // Not 'close', which never comes after a disconnect().
    this.#ended = new Promise((resolve) => void this.#process.once('exit', resolve));
    this.#process.on('message', (answer: Answer) => this.#answered(answer));
    this.#process.on('error', (error) => watch.fail(new Error(`${name}: ${error.message}`)));
    // Not 'exit', which may come before the last words.
    this.#process.once('close', (code, signal) => this.#died(signal ?? `exit code ${code}`));
  }

  /** Resolves with the child's answer. */
  async ask<Name extends keyof T & string>(
    deed: Name,
    ...[input]: Parameters<T[Name]>
  ): Promise<Awaited<ReturnType<T[Name]>>> {
    const answered = new Promise<unknown>((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#process.send({ deed, input });
    });
    const late = new AbortController();
    try {
      const first = Promise.race([answered, this.#tooLate(deed, late.signal)]);
      return (await this.#watch.until(first)) as Awaited<ReturnType<T[Name]>>;
    } finally {
      late.abort();
    }
  }

  /** Closes the channel, on which the child exits by itself; if it does not, it is killed. */
  async letGo(): Promise<void> {
    this.#mayEnd = true;
    this.#waiting?.reject(new Error(`${this.#name} was released`));
    if (this.#process.connected) this.#process.disconnect();
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), FAREWELL_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  #answered(answer: Answer): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if ('error' in answer) waiting?.reject(new Error(`${this.#name}: ${answer.error}`));
    else waiting?.resolve(answer.output);
  }

  async #tooLate(deed: string, signal: AbortSignal): Promise<never> {
    await delay(PATIENCE_MS, undefined, { signal });
    throw new Error(`${this.#name} did not answer '${deed}' within ${PATIENCE_MS / 1000} s`);
  }

  #died(how: string): void {
    if (this.#mayEnd) return;
    this.#watch.fail(
      new Error(`${this.#name} ended (${how}). Its last output:\n${this.#lastWords.text}`),
    );
  }

  /** Shows non-fatal warnings and errors as they come: they may explain a number. */
  #showComplaints(): void {
    if (!this.#process.stderr) return;
    let shown = 0;
    createInterface(this.#process.stderr).on('line', (line) => {
      if (!this.#mayEnd && shown++ < SHOWN_LINES) console.error(`${this.#name}: ${line}`);
    });
  }
}
