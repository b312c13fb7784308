import { connectable, defer, Observable, Subject } from 'rxjs';
import { AsyncContext } from '../../async-context.js';

/** The same Observable, which notifies each subscriber in the async context in which it subscribed. */
export function inContextOfSubscriber<T>(source: Observable<T>): Observable<T> {
  return new Observable((subscriber) => {
    const context = new AsyncContext();
    return source.subscribe({
      next: context.bound((value: T) => subscriber.next(value)),
      error: context.bound((error: unknown) => subscriber.error(error)),
      complete: context.bound(() => subscriber.complete()),
    });
  });
}

/**
 * Starts now, whether or not anybody subscribes. Behind a `Subject`, as in Nest's own `emit`: whoever subscribes after
 * the value gets the end alone.
 */
export function startedAtOnce<T>(start: () => Promise<T>): Observable<T> {
  const started = connectable(defer(start), {
    connector: () => new Subject<T>(),
    resetOnDisconnect: false,
  });
  started.connect();
  return inContextOfSubscriber(started);
}
