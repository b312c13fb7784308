import type { ChildProcess } from 'node:child_process';

/** How many characters are kept, from the end. */
const KEPT = 4000;

/** The latest output of a process, to be shown if it ends early. */
export class LastWords {
  #text = '';

  constructor({ stdout, stderr }: ChildProcess) {
    for (const output of [stdout, stderr]) {
      output?.on('data', (chunk: Buffer) => {
        this.#text = (this.#text + chunk.toString()).slice(-KEPT);
      });
    }
  }

  get text(): string {
    return this.#text.trim() || 'nothing';
  }
}
