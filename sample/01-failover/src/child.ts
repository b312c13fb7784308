import { type ChildProcess, fork } from 'node:child_process';
import { on } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import type { FromChild, ToChild } from './messages.js';

export interface ChildListener {
  heard(message: FromChild): void;
  /** The child wrote a line. None does unless something is wrong. */
  wrote(line: string): void;
  /** The child ended, and nobody had asked it to. */
  died(how: string): void;
}

/** How long a child may take to do what it is told, in ms: seconds to start, and ten times that on a busy machine. */
const PATIENCE_MS = 60_000;

/** How long a child that was let go may take to end, in ms. */
const FAREWELL_MS = 2000;

/** A process of the demo, from its start to its end. */
export class Child {
  readonly #process: ChildProcess;
  readonly #ended: Promise<unknown>;
  #mayEnd = false;

  constructor(
    readonly name: string,
    script: string,
    args: readonly string[],
    listener: ChildListener,
  ) {
    this.#process = fork(new URL(script, import.meta.url), args, {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      // A process group of its own: Ctrl-C in the terminal is for the parent, which then ends the rest.
      detached: true,
    });
    // Not 'close', which waits for the last of the output, but never comes after a disconnect().
    this.#ended = new Promise((resolve) => void this.#process.once('exit', resolve));
    this.#process.on('message', (message: FromChild) => listener.heard(message));
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      if (output) createInterface(output).on('line', (line) => listener.wrote(line));
    }
    this.#process.on('error', (error) => listener.died(error.message));
    this.#process.on('close', (code, signal) => {
      if (!this.#mayEnd) listener.died(signal ?? `exit code ${code}`);
    });
  }

  get pid(): number {
    if (this.#process.pid === undefined) throw new Error(`${this.name} did not start`);
    return this.#process.pid;
  }

  tell(message: ToChild): void {
    this.#process.send(message);
  }

  /** Resolves when the child says so, from now on. */
  async says(type: FromChild['type']): Promise<void> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    try {
      for await (const [message] of on(this.#process, 'message', { signal })) {
        if ((message as FromChild).type === type) return;
      }
    } catch (cause) {
      throw new Error(`${this.name} did not say '${type}' in ${PATIENCE_MS} ms`, { cause });
    }
  }

  /** Ends the child with SIGKILL, which works on a frozen process too. */
  kill(): void {
    this.#mayEnd = true;
    this.#process.kill('SIGKILL');
  }

  /** Closes the channel, at which the child ends by itself. */
  async letGo(): Promise<void> {
    this.#mayEnd = true;
    if (this.#process.connected) this.#process.disconnect();
    await Promise.race([this.#ended, delay(FAREWELL_MS, undefined, { ref: false })]);
    this.kill();
  }
}
