import { defer, Observable, of } from 'rxjs';

/** Calls as a client makes them, and a record of those that were started. */
export class FakeProxy {
  readonly sent: { readonly pattern: unknown; readonly data: unknown }[] = [];
  readonly emitted: { readonly pattern: unknown; readonly data: unknown }[] = [];
  /** What each call yields, and the end of each event. */
  answer: (data: unknown) => Observable<unknown> = of;

  send(pattern: unknown, data: unknown): Observable<never> {
    return defer(() => {
      this.sent.push({ pattern, data });
      return this.answer(data);
    }) as Observable<never>;
  }

  emit(pattern: unknown, data: unknown): Observable<never> {
    this.emitted.push({ pattern, data });
    return this.answer(data) as Observable<never>;
  }
}
