import { randomUUID } from 'node:crypto';
import type { Contract } from '../contract/contract.js';
import type { ContractStubAnswers, StubAnswer, StubAnswers } from './stub-answer.js';
import { readAnswer, readAnswers, type StubSubject } from './stub-subject.js';
import type { StubCall } from './stub-call.js';
import { type StubBook, StubTransport } from './stub-transport.js';

/**
 * A server that answers with functions of a test, in place of a service. `stubServer` starts it.
 *
 * @typeParam Of the type of its contract; without one, that of its answers by pattern
 */
export interface StubServer<Of extends object = StubAnswers> {
  /** Its address, for the option `endpoints` of a client: `inproc://` and a name that no other stub has. */
  readonly endpoints: readonly string[];
  /** What it has got, in order, also what has no answer. A new list each time. */
  readonly calls: readonly StubCall[];
  /**
   * Answers in this way from now on.
   *
   * @param name the pattern, or the entry of the contract; it may have had no answer before
   * @param answer takes the place of the answer before
   * @throws FreelanceError `BAD_OPTIONS` as `stubServer`
   */
  answer<Name extends keyof StubAnswersOf<Of> & string>(
    name: Name,
    answer: NonNullable<StubAnswersOf<Of>[Name]>,
  ): void;
  /** Forgets the calls. The answers stay as they are. */
  reset(): void;
  /**
   * Closes without waiting for answers: calls that have none yet fail. May be called any number of times.
   *
   * @returns resolves once it has closed; never rejects
   */
  close(): Promise<void>;
}

/**
 * The answers that a `StubServer` takes: by entry for a contract, else by pattern.
 *
 * @typeParam Of the type of the contract, or of the answers by pattern
 */
export type StubAnswersOf<Of> = Of extends Contract ? ContractStubAnswers<Of> : Of;

/** How many answers an error lists. */
const MOST_LISTED = 20;

export class Stub implements StubServer<Record<string, StubAnswer>>, StubBook {
  readonly #subject: StubSubject;
  /** By the names of their patterns. */
  readonly #answers: Map<string, StubAnswer>;
  readonly #server: StubTransport;
  #calls: StubCall[] = [];
  #endpoints: readonly string[] = [];

  /** @throws FreelanceError `BAD_OPTIONS` */
  constructor(subject: StubSubject, answers: unknown) {
    this.#subject = subject;
    this.#answers = readAnswers(subject, answers);
    this.#server = new StubTransport(`stub-${randomUUID()}`, this);
    for (const offer of subject.offers) this.#server.offer(offer);
  }

  /** @returns resolves once it listens */
  async listen(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.listen((error) => (error === undefined ? resolve() : reject(error)));
    });
    this.#endpoints = this.#server.endpoints;
  }

  get endpoints(): readonly string[] {
    return this.#endpoints;
  }

  get calls(): readonly StubCall[] {
    return [...this.#calls];
  }

  answer(name: string, answer: unknown): void {
    this.#answers.set(this.#subject.patternOf(name), readAnswer(this.#subject, name, answer));
  }

  reset(): void {
    this.#calls = [];
  }

  close(): Promise<void> {
    return this.#server.close();
  }

  record(call: StubCall): void {
    this.#calls.push(call);
  }

  answerOf(pattern: string): StubAnswer {
    const answer = this.#answers.get(pattern);
    if (answer) return answer;
    throw new Error(this.#withoutAnswer(pattern));
  }

  #withoutAnswer(pattern: string): string {
    const known = [...this.#answers.keys()];
    const more = known.length > MOST_LISTED ? `, and ${known.length - MOST_LISTED} more` : '';
    const list = known.length === 0 ? 'nothing' : known.slice(0, MOST_LISTED).join(', ') + more;
    return (
      `The stub has no answer for ${pattern}: it answers ${list}. Give it one, in stubServer(…) or later by ` +
      'stub.answer(…).'
    );
  }
}
