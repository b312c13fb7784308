import { inContextOfItsOwn } from '../async-context.js';
import { type Credentials, nameOf, type Verdict } from '../security/credentials.js';
import { nodeClock } from './clock.js';

/** How many questions of one server may be open. Further clients are told to try again later. */
export const MOST_QUESTIONS = 1024;

export interface QuestionListener {
  /** A client was refused. @param who for people; contains what the client says of itself, unescaped */
  onRefused(who: string): void;
  /** Whether a client may connect could not be decided: it was told to try again later. */
  onUndecided(error: unknown): void;
}

/** Decides whether a client may connect. */
export interface Admitter {
  /**
   * @param question once `isOver`, nobody waits for the answer
   * @throws what the user's function throws
   */
  admit(
    credentials: Credentials,
    address: string,
    question: { readonly isOver: boolean },
  ): Promise<Verdict>;
}

/** Asks, for one server, whether clients may connect. The user's function that decides may be slow. */
export class Questions {
  readonly #admitter: Admitter;
  readonly #listener: QuestionListener;
  readonly #answerMs: number;
  #open = 0;

  /** @param answerMs how long the user's function may take */
  constructor(admitter: Admitter, listener: QuestionListener, answerMs: number) {
    this.#admitter = admitter;
    this.#listener = listener;
    this.#answerMs = answerMs;
  }

  /** Never rejects. */
  async ask(credentials: Credentials, address: string): Promise<Verdict> {
    if (this.#open >= MOST_QUESTIONS) return this.#undecided(new Error(TOO_MANY));
    this.#open++;
    try {
      const verdict = await this.#inTime(credentials, address);
      if (verdict === 'refused') this.#listener.onRefused(described(credentials, address));
      return verdict;
    } catch (error) {
      return this.#undecided(error);
    } finally {
      this.#open--;
    }
  }

  #inTime(credentials: Credentials, address: string): Promise<Verdict> {
    const question = { isOver: false };
    return new Promise((resolve, reject) => {
      const cancelLimit = nodeClock.after(this.#answerMs, () => {
        question.isOver = true;
        reject(new Error(tooSlow(this.#answerMs)));
      });
      // Else what one answer sets by `AsyncLocalStorage.enterWith` would leak into the next question.
      inContextOfItsOwn(() => {
        this.#admitter
          .admit(credentials, address, question)
          .then(resolve, reject)
          .finally(cancelLimit);
      });
    });
  }

  #undecided(error: unknown): 'failed' {
    this.#listener.onUndecided(error);
    return 'failed';
  }
}

function described(credentials: Credentials, address: string): string {
  return `${address}, with ${WHAT[credentials.mechanism]} ${nameOf(credentials)}`;
}

const WHAT: Record<Credentials['mechanism'], string> = {
  curve: 'the public key',
  plain: 'the name',
  tls: 'the certificate of the fingerprint',
};

const tooSlow = (ms: number) =>
  `The function that says which clients may connect has not answered for ${ms} ms: ` +
  'a client was told to try again later.';

const TOO_MANY =
  `The function that says which clients may connect has not answered ${MOST_QUESTIONS} questions yet: ` +
  'a client was told to try again later.';
