import type { Pattern } from './headers.js';
import { nameOf } from './pattern-name.js';

/** How many patterns are kept by name, and how many characters these may have in all. */
export interface NameBounds {
  readonly names: number;
  readonly characters: number;
}

/** What a hello may name: it comes with every heartbeat. */
export const NAMED_IN_HELLO: NameBounds = { names: 256, characters: 8192 };

/** What a client keeps of all that its servers have named. */
export const NAMED_TO_CLIENT: NameBounds = { names: 2048, characters: 65_536 };

/** Patterns by their names, or all there are: `true`. */
export type PatternNames = readonly string[] | true;

/**
 * The patterns whose handlers must not run twice for one call. Once they are more than the bounds allow they are all
 * patterns: that costs retries, and runs nothing twice.
 */
export class AtMostOncePatterns {
  readonly #bounds: NameBounds;
  readonly #names = new Set<string>();
  #characters = 0;
  #isAll = false;

  constructor(bounds: NameBounds) {
    this.#bounds = bounds;
  }

  get isEmpty(): boolean {
    return this.#names.size === 0 && !this.#isAll;
  }

  /** What a hello says of them. */
  get names(): PatternNames {
    return this.#isAll || [...this.#names];
  }

  /** Most calls ask while there are none, which costs nothing. */
  has(pattern: Pattern): boolean {
    return this.#isAll || (this.#names.size > 0 && this.#names.has(nameOf(pattern)));
  }

  add(pattern: Pattern | number): void {
    this.#add(nameOf(pattern));
  }

  /** Those that a peer names. */
  addNames(names: PatternNames): void {
    if (names === true) this.#addAll();
    // A peer may not have put them in order.
    else for (const name of names) if (!this.#names.has(name)) this.#add(nameOf(name));
  }

  #add(name: string): void {
    if (this.#isAll || this.#names.has(name)) return;
    this.#characters += name.length;
    if (this.#names.size < this.#bounds.names && this.#characters <= this.#bounds.characters) {
      this.#names.add(name);
    } else {
      this.#addAll();
    }
  }

  #addAll(): void {
    this.#isAll = true;
    this.#names.clear();
  }
}

/** Reads what a hello names; undefined if it is no such thing. What is out of bounds is all patterns. */
export function readPatternNames(given: unknown): PatternNames | undefined {
  if (given === true) return true;
  if (given === false) return [];
  if (!Array.isArray(given)) return undefined;
  const { names, characters } = NAMED_IN_HELLO;
  if (given.length > names) return true;
  let length = 0;
  for (const name of given as unknown[]) {
    if (typeof name !== 'string') return undefined;
    length += name.length;
  }
  return length > characters || (given as string[]);
}
