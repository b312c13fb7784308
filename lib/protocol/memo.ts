import { isMalformed, type Malformed } from './malformed.js';

/** Entries of one memo. Peers choose the keys, so the memo needs a bound. */
const MOST_ENTRIES = 1000;

/** Longer keys are not worth the memory. */
const LONGEST_KEY = 256;

/** Remembers the value computed for a key. A full memo starts over: keys in use soon return. */
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
 * Parses recurring bytes only once. The result is shared and must not be changed.
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
