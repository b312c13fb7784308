import { Logger } from '@nestjs/common';
import type { Contract } from '../contract/contract.js';
import { BoundedLog } from '../nest/bounded-log.js';
import { badOptions } from '../nest/options/bad-options.js';
import { isPlainObject } from '../nest/options/plain-object.js';
import { shown } from '../nest/options/shown.js';
import type { Pattern } from '../protocol/headers.js';
import { reservedNameOf } from '../protocol/introspection.js';
import { nameOf } from '../protocol/pattern-name.js';
import { READINESS_PATTERN } from '../protocol/untyped.js';
import { checkedAnswer } from './checked-answer.js';
import type { StubAnswer } from './stub-answer.js';

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
  /** The answer as the stub gives it. */
  prepared(name: string, answer: StubAnswer): StubAnswer;
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
  prepared: (_name, answer) => answer,
};

/** The entries of a contract. */
export function entriesOf(contract: Contract): StubSubject {
  const { name: contractName, entries, patterns } = contract;
  const title = `stubServer of the contract ${contractName}`;
  const logger = new Logger('StubServer');
  const log = new BoundedLog(() => logger);
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
    prepared: (name, answer) => checkedAnswer(contract, name, answer, log),
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
export function readAnswer(subject: StubSubject, name: string, answer: unknown): StubAnswer {
  if (typeof answer === 'function') return subject.prepared(name, answer as StubAnswer);
  throw badOptions(
    `${subject.title}: the answer of ${name} must be a function, but is ${shown(answer)}. Wrap a value: () => value`,
  );
}
