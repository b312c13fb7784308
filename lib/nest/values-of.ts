import { concatMap, isObservable, Observable, of } from 'rxjs';
import type { ServerCall } from '../agents/server/server-call.js';

/**
 * The values of a handler that returned an Observable or an async iterable, or an Observable of async
 * iterables, as interceptors make of them; undefined for one that returned a value.
 */
export function valuesOf(result: unknown, call: ServerCall): Observable<unknown> | undefined {
  if (isAsyncIterable(result)) return paced(result, call);
  if (!isObservable(result)) return undefined;
  return result.pipe(
    concatMap((value) => (isAsyncIterable(value) ? paced(value, call) : of(value))),
  );
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Asks the source for its next value only when the caller will take one. */
function paced(source: AsyncIterable<unknown>, call: ServerCall): Observable<unknown> {
  return new Observable((subscriber) => {
    const iterator = source[Symbol.asyncIterator]();
    const pump = async () => {
      for (;;) {
        await call.untilOpen();
        if (subscriber.closed) return;
        const { done, value } = await iterator.next();
        if (done) break;
        subscriber.next(value);
      }
      subscriber.complete();
    };
    pump().catch((error: unknown) => subscriber.error(error));
    return () => void iterator.return?.();
  });
}
