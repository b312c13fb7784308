import { concatMap, isObservable, Observable, of, Subject, Subscription, takeWhile } from 'rxjs';

/** The call that the values are for. */
export interface Reader {
  /** Whether the caller still waits. Asked before each value, so that even a source that never pauses can be stopped. */
  readonly isWanted: boolean;
  /** Resolves once a value can be sent at once, or none is wanted any more. */
  untilOpen(): Promise<void>;
  /** No values are wanted any more, but the source has not ended before that work settles. */
  runsOn?(work: () => Promise<unknown>): void;
  /** What the caller gets when an async iterable fails. Nest's exception filters handle Observables only. */
  failure?(error: unknown): unknown;
}

/** Serializes a value. */
export type Prepare = (value: unknown) => Promise<unknown>;

/** Told when an iterable fails while it is ended early, which no caller waits for. */
export type OnLateFailure = (error: unknown) => void;

/**
 * The values of a handler's result: of an Observable, of an async iterable, or of an Observable of async iterables, which
 * interceptors make of the latter. Undefined for a plain value.
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
 * `concatMap` makes an Observable and a subscriber of each value, which halves the speed of a stream (`npm run bench`).
 * Values therefore bypass it until one of them is an iterable, which is rare.
 */
function flatFromIterableOn(
  source: Observable<unknown>,
  flat: (values: Observable<unknown>) => Observable<unknown>,
): Observable<unknown> {
  const values = new Observable<unknown>((subscriber) => {
    let rest: Subject<unknown> | undefined;
    // Added before anything else, so that on unsubscription the iterable ends before the call gives up its place.
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
  // As rxjs's own operators do: `findUnstoppable` follows it to the root.
  values.source = source;
  return values;
}

export function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

/** Asks the iterable for its next value only when that can be sent. */
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
    /** The user's serializer, which goes on after the caller has left. */
    let preparing: Promise<unknown> | undefined;
    const next = async () => {
      try {
        return stepOf(await iterator.next());
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
      // A generator may fail because its caller left, as with a `fetch` that has the context's signal.
      if (subscriber.closed) onLateFailure(error);
      else subscriber.error(error);
    });
    return () => {
      if (hasEnded) return;
      // A generator returns only after what it awaits; an iterator without `return` ends with its next value.
      const left = iterator.return ? leave(iterator).catch(onLateFailure) : pumped;
      const prepared = preparing?.catch(() => {});
      reader?.runsOn?.(() => Promise.all([left, prepared]));
    };
  });
}

/** As `for await` does, so that a handler's own iterator that is wrong fails as other handlers do. */
function stepOf(step: unknown): IteratorResult<unknown> {
  if (typeof step === 'object' && step !== null) return step as IteratorResult<unknown>;
  throw new TypeError(`next() of an async iterator yields an object, not ${typeof step}`);
}

function shownTo(reader: Reader | undefined, error: unknown): unknown {
  return reader?.failure ? reader.failure(error) : error;
}

/** Async, so that a `return` that throws rejects instead. */
async function leave(iterator: AsyncIterator<unknown>): Promise<void> {
  await iterator.return?.();
}
