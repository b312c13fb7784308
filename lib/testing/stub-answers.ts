import type { Contract } from '../contract/contract.js';
import type { ContractHandlers } from '../contract/handlers.js';
import { badOptions } from '../nest/options/bad-options.js';
import { isPlainObject } from '../nest/options/plain-object.js';
import { shown } from '../nest/options/shown.js';
import type { FreelanceContext } from '../nest/server/freelance-context.js';
import type { Pattern } from '../protocol/headers.js';
import { reservedNameOf } from '../protocol/introspection.js';
import { nameOf } from '../protocol/pattern-name.js';
import { READINESS_PATTERN } from '../protocol/untyped.js';

/**
 * Answers calls and events of one pattern, as a handler does: it may return a value, a Promise, an Observable or an async
 * iterable, or throw.
 */
export type StubAnswer = {
  // A method, whose parameters the compiler checks in both directions: an answer may say what data it expects.
  answer(data: unknown, context: FreelanceContext): unknown;
}['answer'];

/** The answers of a stub, by pattern. A pattern that is an object is given as its JSON: `'{"cmd":"sum"}'`. */
export type StubAnswers = Readonly<Record<string, StubAnswer>>;

/** The answers of a stub of a contract, by entry. Entries may be left out. */
export type ContractStubAnswers<Of extends Contract> = {
  readonly [Name in keyof Of['entries']]?: ContractHandlers<Of>[Name] | undefined;
};

/** A pattern of a contract, which the stub offers whether or not it has an answer. */
export interface StubOffer {
  readonly pattern: string | object;
  readonly isEvent: boolean;
  readonly atMostOnce: boolean;
}

/** What the answers of a stub are for: patterns, or the entries of a contract. */
export interface StubSubject {
  /** For errors. */
  readonly title: string;
  /** What answers are named by. */
  readonly by: 'pattern' | 'entry';
  readonly offers: readonly StubOffer[];
  /** The name of the pattern. @throws FreelanceError `BAD_OPTIONS` if it cannot have an answer */
  patternOf(name: string): string;
}

/** Any pattern. */
export const PATTERNS: StubSubject = {
  title: 'stubServer',
  by: 'pattern',
  offers: [],
  patternOf(name) {
    const pattern = nameOf(name);
    if (reservedNameOf(name) === undefined && pattern !== READINESS_PATTERN) return pattern;
    throw badOptions(`stubServer: the pattern ${name} is reserved: no client can call it`);
  },
};

/** The entries of a contract. */
export function entriesOf({ name: contract, entries, patterns }: Contract): StubSubject {
  const title = `stubServer of the contract ${contract}`;
  const offers = Object.entries(entries).flatMap(([name, { kind, options }]) => {
    const pattern = patterns[name];
    if (pattern === undefined) return [];
    return { pattern, isEvent: kind === 'event', atMostOnce: options.atMostOnce === true };
  });
  return {
    title,
    by: 'entry',
    offers,
    patternOf(name) {
      const pattern = Object.hasOwn(patterns, name) ? patterns[name] : undefined;
      if (pattern !== undefined) return nameOf(pattern as Pattern);
      const all = Object.keys(patterns).join(', ');
      throw badOptions(
        `${title}: there is no entry ${JSON.stringify(name)}. The entries are ${all}`,
      );
    },
  };
}

/**
 * Reads the answers that a user gave.
 *
 * @returns by the names of their patterns
 * @throws FreelanceError `BAD_OPTIONS`
 */
export function readAnswers(subject: StubSubject, given: unknown): Map<string, StubAnswer> {
  const { title, by } = subject;
  if (!isPlainObject(given)) {
    throw badOptions(
      `${title} takes an object with a function for each ${by}, but got ${shown(given)}`,
    );
  }
  const answers = new Map<string, StubAnswer>();
  for (const [name, answer] of Object.entries<unknown>({ ...given })) {
    const pattern = subject.patternOf(name);
    if (answer === undefined && by === 'entry') continue;
    if (answers.has(pattern)) throw badOptions(`${title}: ${pattern} has two answers. Leave one`);
    answers.set(pattern, readAnswer(subject, name, answer));
  }
  return answers;
}

/** @throws FreelanceError `BAD_OPTIONS` */
export function readAnswer({ title }: StubSubject, name: string, answer: unknown): StubAnswer {
  if (typeof answer === 'function') return answer as StubAnswer;
  throw badOptions(
    `${title}: the answer of ${name} must be a function, but is ${shown(answer)}. Wrap a value: () => value`,
  );
}
