import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { isAsyncIterable } from '../nest/server/values-of.js';
import { checkedValues } from './checked-values.js';
import type { SchemaCheck } from './schema-check.js';

/** Checks what a handler returns, each value of a stream. It changes none. */
export class ResultInterceptor implements NestInterceptor {
  readonly #check: SchemaCheck;

  constructor(check: SchemaCheck) {
    this.#check = check;
  }

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      map((value: unknown) => {
        // Nest takes the iterable itself for the handler's value.
        if (isAsyncIterable(value)) return checkedValues(value, this.#check);
        this.#check.run(value);
        return value;
      }),
    );
  }
}
