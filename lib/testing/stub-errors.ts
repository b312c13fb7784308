import { RpcException } from '@nestjs/microservices';
import { catchError, isObservable, type Observable, throwError } from 'rxjs';
import { isError } from '../is-error.js';
import { isAsyncIterable } from '../nest/server/values-of.js';
import { withNext } from '../nest/server/with-next.js';

/**
 * What a caller gets of what an answer throws. Of an `RpcException` it is what Nest tells. Of other errors Nest tells "Internal
 * server error" alone, but a test wants to see their message.
 */
export function toldOf(thrown: unknown): string | object {
  const told = thrown instanceof RpcException ? thrown.getError() : thrown;
  if (isError(told)) return { status: 'error', message: told.message || told.name };
  if (typeof told === 'object' && told !== null) return told;
  return { status: 'error', message: String(told) };
}

/** Fails with what a caller gets of an error. */
export function failing(thrown: unknown): Observable<never> {
  return throwError(() => toldOf(thrown));
}

/** The result of an answer. If it is an Observable or an async iterable, and fails later, it tells its error, too. */
export function tellingErrors(result: unknown): unknown {
  if (isObservable(result)) return result.pipe(catchError(failing));
  return isAsyncIterable(result) ? tellingIterable(result) : result;
}

function tellingIterable(source: AsyncIterable<unknown>): AsyncIterable<unknown> {
  return {
    [Symbol.asyncIterator]() {
      try {
        const iterator = source[Symbol.asyncIterator]();
        return withNext(iterator, async () => {
          try {
            return await iterator.next();
          } catch (error) {
            throw new RpcException(toldOf(error));
          }
        });
      } catch (error) {
        throw new RpcException(toldOf(error));
      }
    },
  };
}
