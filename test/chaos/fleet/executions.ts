import { openSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Records each execution of a server in a file before it starts, so that the record survives SIGKILL. */
export class ExecutionWriter {
  readonly #file: number;
  readonly #entry = new Float64Array(1);

  constructor(path: string) {
    this.#file = openSync(path, 'a');
  }

  note(id: number): void {
    this.#entry[0] = id;
    writeSync(this.#file, this.#entry);
  }
}

/** How many of those calls were executed, and how many more than once, by all servers together. */
export function countExecutions(
  folder: string,
  isMeant: (id: number) => boolean,
): { executed: number; twice: number } {
  const seen = new Set<number>();
  const twice = new Set<number>();
  for (const name of readdirSync(folder)) {
    for (const id of entriesOf(join(folder, name))) {
      if (!isMeant(id)) continue;
      if (seen.has(id)) twice.add(id);
      seen.add(id);
    }
  }
  return { executed: seen.size, twice: twice.size };
}

function entriesOf(path: string): Float64Array {
  const bytes = readFileSync(path);
  const whole = bytes.byteLength - (bytes.byteLength % Float64Array.BYTES_PER_ELEMENT);
  return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + whole));
}
