import { Inject, Injectable } from '@nestjs/common';
import { FreelanceClientProxy, FreelanceError } from 'nestjs-freelance';
import { inspect } from 'node:util';
import { catchError, interval, map, mergeMap, type Observable, of, takeUntil } from 'rxjs';
import type { Outcome } from './messages.js';
import type { Price, PriceRequest } from './price.js';

export const PRICES = Symbol('PRICES');

const CALL_EVERY_MS = 2;

/** Asks for prices, steadily, and never waits for one answer before it asks for the next. */
@Injectable()
export class Caller {
  constructor(@Inject(PRICES) private readonly prices: FreelanceClientProxy) {}

  /** The outcome of each call. Completes after the stop, once the last open call has ended. */
  callUntil(stop: Promise<unknown>): Observable<Outcome> {
    return interval(CALL_EVERY_MS).pipe(
      takeUntil(stop),
      mergeMap(() => this.call()),
    );
  }

  private call(): Observable<Outcome> {
    const startedAt = performance.now();
    const ended = () => ({ ms: performance.now() - startedAt, endedAt: Date.now() });

    return this.prices.send<Price, PriceRequest>('price', { item: 'umbrella' }).pipe(
      map(({ server, attempt }) => ({ server, attempt, ...ended() })),
      catchError((error: unknown) => of({ ...failureOf(error), ...ended() })),
    );
  }
}

function failureOf(error: unknown) {
  if (error instanceof FreelanceError) return { code: error.code, message: error.message };
  // What a handler throws arrives as Nest's other transports deliver it.
  return { code: 'HANDLER', message: inspect(error) };
}
