import type { Contract } from '../contract/contract.js';
import type { ContractHandlers } from '../contract/handlers.js';
import type { FreelanceContext } from '../nest/server/freelance-context.js';

/**
 * Answers calls and events of one pattern, as a handler does: it may return a value, a Promise, an Observable or an async
 * iterable, or throw.
 */
export type StubAnswer = {
  // A method, whose parameters the compiler checks in both directions: an answer may say what data it expects.
  /** Answers one call or event. */
  answer(data: unknown, context: FreelanceContext): unknown;
}['answer'];

/** The answers of a stub, by pattern. A pattern that is an object is given as its JSON: `'{"cmd":"sum"}'`. */
export type StubAnswers = Readonly<Record<string, StubAnswer>>;

/** The answers of a stub of a contract, by entry. Entries may be left out. */
export type ContractStubAnswers<Of extends Contract> = {
  readonly [Name in keyof Of['entries']]?: ContractHandlers<Of>[Name] | undefined;
};
