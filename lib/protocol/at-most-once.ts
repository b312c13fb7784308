import type { Pattern } from './headers.js';
import { nameOf } from './pattern-name.js';

/** Bounds for patterns kept by name: their number, and their total length in characters. */
export interface NameBounds {
  readonly names: number;
  readonly characters: number;
}

/** Bounds for one hello, which travels with every heartbeat. */
export const NAMED_IN_HELLO: NameBounds = { names: 256, characters: 8192 };

/** Bounds for what a client keeps of all its servers' names. */
export const NAMED_TO_CLIENT: NameBounds = { names: 2048, characters: 65_536 };

/** Names of patterns; `true` stands for every pattern. */
export type PatternNames = readonly string[] | true;

/**
 * The patterns whose handlers must not run twice for one call. Past the bounds, the set becomes "every pattern": that
 * costs retries, but runs nothing twice.
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

  /** The set as a hello carries it. */
  get names(): PatternNames {
    return this.#isAll || [...this.#names];
  }

  /** Every call asks. While the set is empty, the answer costs nothing. */
  has(pattern: Pattern): boolean {
    return this.#isAll || (this.#names.size > 0 && this.#names.has(nameOf(pattern)));
  }

  add(pattern: Pattern | number): void {
    this.#add(nameOf(pattern));
  }

  /** Adds the names from a peer's hello. */
  addNames(names: PatternNames): void {
    if (names === true) this.#addAll();
    // A peer may send JSON whose members are not sorted.
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

/** Reads the names in a hello; undefined if malformed. A list past the bounds means every pattern. */
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
