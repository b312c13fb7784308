import {
  type CallHandler,
  Catch,
  type Type,
  type ExecutionContext,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
} from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { concatMap, defer, finalize, map, type Observable, of, tap } from 'rxjs';
import type { Careless } from './careless.js';
import { ANSWER, SUDDEN_ANSWER } from './handlers.js';
import type { Place } from './place.js';

type Around = (values: Observable<unknown>, careless: Careless) => Observable<unknown>;

const around =
  (change: Around) =>
  (careless: Careless, controller: Type): void => {
    const intercept = (_context: ExecutionContext, next: CallHandler<unknown>) =>
      change(next.handle(), careless);
    UseInterceptors({ intercept })(controller);
  };

const failing = () => {
  throw new RpcException('refused');
};

/** What Nest can run around a handler. */
export const PIPELINE: Record<string, Place> = {
  'a guard': {
    decorate: (careless, controller) =>
      UseGuards({ canActivate: () => careless.run(true) })(controller),
    gets: ANSWER,
    holds: ['never settles'],
  },
  'a pipe': {
    decorate: (careless, controller) =>
      UsePipes({ transform: (value: unknown) => careless.run(value) })(controller),
    gets: ANSWER,
    holds: ['never settles'],
  },
  'an interceptor, before the handler': {
    decorate: (careless, controller) => {
      const intercept = (_context: ExecutionContext, next: CallHandler<unknown>) =>
        careless.run(next.handle());
      UseInterceptors({ intercept })(controller);
    },
    gets: ANSWER,
    holds: ['never settles'],
  },
  'an interceptor, at a value': {
    decorate: around((values, careless) => values.pipe(map((value) => careless.runNow(value)))),
    gets: SUDDEN_ANSWER,
  },
  'an interceptor, at a value, with a promise': {
    decorate: around((values, careless) =>
      values.pipe(concatMap(async (value) => careless.run(value))),
    ),
    gets: ANSWER,
    holds: ['never settles'],
  },
  'an interceptor, as it subscribes': {
    decorate: around((values, careless) => defer(() => careless.runNow(values))),
    gets: SUDDEN_ANSWER,
  },
  'an interceptor, at the end': {
    decorate: around((values, careless) =>
      values.pipe(tap({ complete: () => careless.runNow(undefined) })),
    ),
    // The value is held back for a moment, and sent with the end.
    gets: { ...SUDDEN_ANSWER, throws: 'done, Error Internal server error' },
  },
  'the finalize of an interceptor': {
    decorate: around((values, careless) => values.pipe(finalize(() => careless.runNow(undefined)))),
    // If it throws, mergeAll of rxjs, which Nest uses around interceptors, never completes.
    gets: { ...SUDDEN_ANSWER, throws: 'done, Error CANCELLED' },
    hangs: ['throws'],
  },
  'an interceptor of a handler that returns a generator': {
    handler: async function* () {
      yield 'done';
    },
    decorate: around((values, careless) =>
      values.pipe(concatMap(async (value) => careless.run(value))),
    ),
    gets: ANSWER,
    holds: ['never settles'],
  },
  'a filter': {
    handler: failing,
    decorate: (careless, controller) => {
      @Catch()
      class CarelessFilter {
        catch() {
          return careless.runNow(of('done'));
        }
      }
      UseFilters(new CarelessFilter())(controller);
    },
    gets: SUDDEN_ANSWER,
  },
  'a filter that answers later': {
    handler: failing,
    decorate: (careless, controller) => {
      @Catch()
      class CarelessFilter {
        catch() {
          return careless.run('done');
        }
      }
      UseFilters(new CarelessFilter())(controller);
    },
    gets: ANSWER,
    holds: ['never settles'],
  },
  'the hook at the start': {
    prepare: (careless, { server }) =>
      server.strategy.setOnProcessingStartHook((_transport, _context, run) => {
        careless.runNow(undefined);
        return run();
      }),
    gets: SUDDEN_ANSWER,
  },
  'the hook at the start, which waits': {
    prepare: (careless, { server }) =>
      server.strategy.setOnProcessingStartHook(async (_transport, _context, run) => {
        await careless.run(undefined);
        await run();
      }),
    gets: ANSWER,
    holds: ['never settles'],
  },
  'the hook at the end': {
    // Nest's type does not allow a promise, but nothing prevents an asynchronous hook.
    prepare: (careless, { server }) =>
      server.strategy.setOnProcessingEndHook(() => careless.run(undefined) as undefined),
    gets: {
      ...ANSWER,
      throws: 'done',
      rejects: 'done',
      'rejects later': 'done',
      'never settles': 'done',
    },
  },
};
