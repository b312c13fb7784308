import { catchError, type OperatorFunction, throwError } from 'rxjs';
import { ContractError, isContractViolation } from './contract-error.js';

/** Makes a `ContractError` of what a server answered with, if it is one. Any other error stays as it is. */
function restored(error: unknown): unknown {
  return isContractViolation(error) ? new ContractError(error) : error;
}

/** For calls: an operator. */
export const withContractErrors: OperatorFunction<unknown, unknown> = catchError((error) =>
  throwError(() => restored(error)),
);

/** For streams that are iterated. */
export function withContractErrorsOf(
  values: AsyncGenerator<unknown, void, undefined>,
): AsyncGenerator<unknown, void, undefined> {
  return new RestoringValues(values);
}

/** Not an `async function*`: its `return()` would wait for the pending `next()`. */
class RestoringValues implements AsyncGenerator<unknown, void, undefined> {
  readonly #values: AsyncGenerator<unknown, void, undefined>;

  constructor(values: AsyncGenerator<unknown, void, undefined>) {
    this.#values = values;
  }

  async next(): Promise<IteratorResult<unknown, void>> {
    try {
      return await this.#values.next();
    } catch (error) {
      throw restored(error);
    }
  }

  return(value?: void | PromiseLike<void>): Promise<IteratorResult<unknown, void>> {
    return this.#values.return(value);
  }

  throw(error: unknown): Promise<IteratorResult<unknown, void>> {
    return this.#values.throw(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return();
  }

  get [Symbol.toStringTag](): string {
    return 'AsyncGenerator';
  }
}
