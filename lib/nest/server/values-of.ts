import { concatMap, isObservable, Observable, of, Subject, Subscription, takeWhile } from 'rxjs';

/** For whom the values are. */
export interface Reader {
  /** Whether values are still asked for: also a source that yields without a pause is asked to stop, between two values. */
  readonly isWanted: boolean;
  /** Resolves when a value would be taken at once, or when no more are. */
  untilOpen(): Promise<void>;
  /** Values are no longer asked for, but the source has not ended before that settles. */
  runsOn?(work: () => Promise<unknown>): void;
  /** What is told of an async iterable that fails: Nest's filters, which see to what Observables fail with, know none. */
  failure?(error: unknown): unknown;
}

/** Makes of a value what is to be sent. */
export type Prepare = (value: unknown) => Promise<unknown>;

/** Hears of what nobody waits for: an iterable that fails when it is to end early. */
export type OnLateFailure = (error: unknown) => void;

/**
 * The values of a handler that returned an Observable or an async iterable, or an Observable of async
 * iterables, as interceptors make of them; undefined for one that returned a value.
 */
export function valuesOf(
  result: unknown,
  onLateFailure: OnLateFailure,
  reader?: Reader,
  prepare?: Prepare,
): Observable<unknown> | undefined {
  if (isAsyncIterable(result)) return paced(result, onLateFailure, reader, prepare);
  if (!isObservable(result)) return undefined;
  const wanted = reader ? result.pipe(takeWhile(() => reader.isWanted)) : result;
  const flat = concatMap((value: unknown) => {
    if (isAsyncIterable(value)) return paced(value, onLateFailure, reader, prepare);
    return prepare ? prepare(value) : of(value);
  });
  return prepare ? wanted.pipe(flat) : flatFromIterableOn(wanted, flat);
}

/**
 * `concatMap` makes an Observable and its subscribers of each value, which costs a stream half of its speed: values go past it
 * until one is an iterable, as next to none ever is.
 */
function flatFromIterableOn(
  source: Observable<unknown>,
  flat: (values: Observable<unknown>) => Observable<unknown>,
): Observable<unknown> {
  const values = new Observable<unknown>((subscriber) => {
    let rest: Subject<unknown> | undefined;
    // Added now: whoever is told of the end after what was added later would take a place back before its iterable has ended.
    const flattened = new Subscription();
    subscriber.add(flattened);
    return source.subscribe({
      next(value) {
        if (!rest && !isAsyncIterable(value)) {
          subscriber.next(value);
          return;
        }
        if (!rest) {
          rest = new Subject();
          flattened.add(
            flat(rest).subscribe({
              next: (each) => subscriber.next(each),
              error: (error: unknown) => subscriber.error(error),
              complete: () => subscriber.complete(),
            }),
          );
        }
        rest.next(value);
      },
      error: (error: unknown) => (rest ?? subscriber).error(error),
      complete: () => (rest ?? subscriber).complete(),
    });
  });
  // As an operator of rxjs has it: by it the root of all is found.
  values.source = source;
  return values;
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Asks the source for its next value only when the caller will take one. */
function paced(
  source: AsyncIterable<unknown>,
  onLateFailure: OnLateFailure,
  reader: Reader | undefined,
  prepare: Prepare | undefined,
): Observable<unknown> {
  return new Observable((subscriber) => {
    let iterator: AsyncIterator<unknown>;
    try {
      iterator = source[Symbol.asyncIterator]();
    } catch (error) {
      subscriber.error(shownTo(reader, error));
      return undefined;
    }
    let hasEnded = false;
    /** A serializer of the user's, which goes on when the reader has left. */
    let preparing: Promise<unknown> | undefined;
    const next = async () => {
      try {
        return await iterator.next();
      } catch (error) {
        throw subscriber.closed ? error : shownTo(reader, error);
      }
    };
    const pump = async () => {
      for (;;) {
        await reader?.untilOpen();
        if (subscriber.closed) return;
        const { done, value } = await next();
        if (done) break;
        preparing = prepare?.(value);
        subscriber.next(preparing ? await preparing : value);
      }
      hasEnded = true;
      subscriber.complete();
    };
    const pumped = pump().catch((error: unknown) => {
      hasEnded = true;
      // A generator that fails because its caller left, as `fetch` with the context's signal makes it.
      if (subscriber.closed) onLateFailure(error);
      else subscriber.error(error);
    });
    return () => {
      if (hasEnded) return;
      // A generator that waits for something returns only after that; what cannot return ends with its next value.
      const left = iterator.return ? leave(iterator).catch(onLateFailure) : pumped;
      const prepared = preparing?.catch(() => {});
      reader?.runsOn?.(() => Promise.all([left, prepared]));
    };
  });
}

function shownTo(reader: Reader | undefined, error: unknown): unknown {
  return reader?.failure ? reader.failure(error) : error;
}

/** Asynchronous, so that what an iterator's `return` throws rejects, too. */
async function leave(iterator: AsyncIterator<unknown>): Promise<void> {
  await iterator.return?.();
}
