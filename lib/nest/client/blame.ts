import { FreelanceError } from '../../core/freelance-error.js';
import { isThenable } from '../../core/thenable.js';
import { INTERNAL_ERROR } from '../server/nest-words.js';
import { contentOf } from '../packet-codec.js';

/** The option `isFailure`: whether the server is to blame for the error of a call. */
export type IsFailure = (error: unknown) => boolean;

/**
 * The default: an unexpected error in a handler, an unreadable reply, or no answer in time. An `RpcException` of a handler
 * is an answer.
 */
export function isUnexpected(error: unknown): boolean {
  if (error instanceof FreelanceError)
    return error.code === 'PROTOCOL' || error.code === 'ETIMEDOUT';
  if (typeof error !== 'object' || error === null) return false;
  const { status, message } = error as { status?: unknown; message?: unknown };
  return status === INTERNAL_ERROR.status && message === INTERNAL_ERROR.message;
}

/**
 * The user's rule. If it throws, or returns anything but a boolean, the server is not to blame.
 *
 * @param misbehaved told of the first such error
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
      // An unhandled rejection would end the process.
      if (isThenable(verdict)) verdict.then(undefined, tell);
      tell(new TypeError('The option isFailure must return true or false.'));
    } catch (thrown) {
      tell(thrown);
    }
    return false;
  };
}
