import { Observable } from 'rxjs';
import type { ServerCall } from '../agents/server/server-call.js';

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** The values of an async iterable, which is asked for the next one only when the caller will take it. */
export function pacedSource(source: AsyncIterable<unknown>, call: ServerCall): Observable<unknown> {
  return new Observable((subscriber) => {
    const iterator = source[Symbol.asyncIterator]();
    const pump = async () => {
      for (;;) {
        await call.untilOpen();
        if (subscriber.closed) break;
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
