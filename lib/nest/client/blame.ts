import { FreelanceError } from '../../core/freelance-error.js';
import { isThenable } from '../../core/thenable.js';
import { INTERNAL_ERROR } from '../server/nest-words.js';
import { contentOf } from '../packet-codec.js';

/** Whether a server is to blame for what a call failed with: the option `isFailure`. */
export type IsFailure = (error: unknown) => boolean;

/**
 * What nobody has meant to answer: a handler's error that Nest did not expect, a reply that cannot be read, or none in
 * time. What a handler throws as an `RpcException` is an answer.
 */
export function isUnexpected(error: unknown): boolean {
  if (error instanceof FreelanceError)
    return error.code === 'PROTOCOL' || error.code === 'ETIMEDOUT';
  if (typeof error !== 'object' || error === null) return false;
  const { status, message } = error as { status?: unknown; message?: unknown };
  return status === INTERNAL_ERROR.status && message === INTERNAL_ERROR.message;
}

/**
 * The user's own rule, which harms nobody: where it throws, or returns a promise, the server is not to blame.
 *
 * @param misbehaved is told so, once
 */
export function guardedBlame(
  isFailure: IsFailure,
  misbehaved: (error: unknown) => void,
): IsFailure {
  let isTold = false;
  const tell = (error: unknown) => {
    if (!isTold) misbehaved(error);
    isTold = true;
  };
  return (error) => {
    try {
      const verdict: unknown = isFailure(contentOf(error));
      if (typeof verdict === 'boolean') return verdict;
      // A promise that rejects later would end the process.
      if (isThenable(verdict)) verdict.then(undefined, tell);
      tell(new TypeError('The option isFailure must return true or false.'));
    } catch (thrown) {
      tell(thrown);
    }
    return false;
  };
}
