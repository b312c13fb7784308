import { isMalformed, type Malformed } from './malformed.js';

/** Entries of one memo. Peers choose the keys, so there must be an end. */
const MOST_ENTRIES = 1000;

/** What is longer is not worth its memory. */
const LONGEST_KEY = 256;

/** Remembers what was made of a key. Once it is full it starts anew: what is in use is soon back. */
export class Memo<Value> {
  readonly #values = new Map<string, Value>();

  get(key: string): Value | undefined {
    return this.#values.get(key);
  }

  set(key: string, value: Value): void {
    if (key.length > LONGEST_KEY) return;
    if (this.#values.size >= MOST_ENTRIES) this.#values.clear();
    this.#values.set(key, value);
  }
}

/**
 * Reads bytes that come again and again only once. What it returns is shared, and not to be changed.
 *
 * @param recurs whether the same bytes are likely to come again
 */
export function readOnce<Value extends object>(
  read: (bytes: Buffer) => Value | Malformed,
  recurs: (value: Value) => boolean,
): (bytes: Buffer) => Readonly<Value> | Malformed {
  const memo = new Memo<Value>();
  return (bytes) => {
    if (bytes.length > LONGEST_KEY) return read(bytes);
    const key = bytes.toString('latin1');
    const known = memo.get(key);
    if (known) return known;
    const value = read(bytes);
    if (!isMalformed(value) && recurs(value)) memo.set(key, value);
    return value;
  };
}
