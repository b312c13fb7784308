import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { map, type Observable } from 'rxjs';
import { checkedResult } from './checked-values.js';
import type { SchemaCheck } from './schema-check.js';

/** Checks what a handler returns, each value of a stream. It changes none. */
export class ResultInterceptor implements NestInterceptor {
  readonly #check: SchemaCheck;

  constructor(check: SchemaCheck) {
    this.#check = check;
  }

  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    // Nest takes an async iterable itself for the handler's value.
    return next.handle().pipe(map((value: unknown) => checkedResult(value, this.#check)));
  }
}
