import { Observable } from 'rxjs';
import { AsyncContext } from '../../async-context.js';

/** The same values, each told in the async context of who has subscribed, not of what makes them. */
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
