import type { ChildProcess } from 'node:child_process';

/** How much is kept: the last so many characters. */
const KEPT = 4000;

/** What a process has written last, to be shown should it end before its time. */
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
