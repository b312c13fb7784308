import { concatMap, Observable, of, take } from 'rxjs';
import { CARELESS, type Careless, type Way } from './careless.js';
import type { Place } from './place.js';
import type { World } from './world.js';

const INTERNAL = 'Error Internal server error';

/** For a handler that answers `done`, itself or by what it returns. */
export const ANSWER: Record<Way, string> = {
  throws: INTERNAL,
  rejects: INTERNAL,
  'rejects later': 'Error CANCELLED',
  'never settles': 'Error CANCELLED',
  'takes long': 'done',
  'closes the server': 'done',
  'closes the client': 'Error CLOSED',
  calls: 'done',
  unsubscribes: 'left',
};

export const SUDDEN_ANSWER: Partial<Record<Way, string>> = {
  throws: INTERNAL,
  'closes the server': 'done',
  'closes the client': 'Error CLOSED',
  calls: 'done',
  unsubscribes: 'left',
};

/** For code that runs when the call ends after its first value, which is all it wanted. */
const LEFT_WITH_1 = (ways: Partial<Record<Way, string>>) =>
  Object.fromEntries(Object.keys(ways).map((way) => [way, '1'])) as Partial<Record<Way, string>>;

const takeOne = (world: World) => world.send().pipe(take(1));

function iteratorOf(iterator: Partial<AsyncIterator<unknown>>): AsyncIterable<unknown> {
  const whole = { next: () => new Promise<never>(() => {}), ...iterator };
  return { [Symbol.asyncIterator]: () => whole };
}

async function* oneThenRun(careless: Careless) {
  yield 1;
  await careless.heard;
  yield await careless.run('done');
}

const STREAM = Object.fromEntries(
  Object.entries(ANSWER).map(([way, gets]) => [way, `1, ${gets}`]),
) as typeof ANSWER;

async function* oneThenFinally(careless: Careless) {
  try {
    for (;;) yield 1;
  } finally {
    await careless.run('done');
  }
}

/** Handlers, and what they return. */
export const HANDLERS: Record<string, Place> = {
  'a handler': {
    handler: (careless) => careless.run('done'),
    gets: ANSWER,
    holds: ['never settles'],
  },
  'a handler of events': {
    handler: (careless) => careless.run('done'),
    call: ({ client }) => client.emit('careless event', CARELESS),
    // The event was accepted, whatever happens to it.
    gets: {
      ...Object.fromEntries(Object.keys(ANSWER).map((way) => [way, 'undefined'])),
      'closes the client': 'Error CLOSED',
      unsubscribes: 'left',
    },
    holds: ['never settles'],
  },
  'the then of a result': {
    handler: (careless) => ({
      // oxlint-disable-next-line unicorn/no-thenable -- this is what the test is about
      then: (resolve: (value: unknown) => void) => resolve(careless.run('done')),
    }),
    gets: ANSWER,
    holds: ['never settles'],
  },
  'the toJSON of a result': {
    handler: (careless) => ({ toJSON: () => careless.runNow('done') }),
    gets: { ...SUDDEN_ANSWER, throws: 'Error The result cannot be written as JSON' },
  },
  'the first next of a generator': {
    handler: async function* (careless) {
      yield await careless.run('done');
    },
    gets: ANSWER,
    holds: ['never settles'],
  },
  'a later next of a generator': {
    handler: oneThenRun,
    gets: STREAM,
    holds: ['never settles'],
  },
  'the next of an iterator': {
    handler: (careless) => {
      let isFirst = true;
      return iteratorOf({
        async next() {
          if (!isFirst) return { done: true, value: undefined };
          isFirst = false;
          return { done: false, value: await careless.run('done') };
        },
      });
    },
    gets: ANSWER,
    holds: ['never settles'],
  },
  'the next of an iterator that throws at once': {
    handler: (careless) => {
      const values = [
        { done: false, value: 'done' },
        { done: true as const, value: undefined },
      ];
      return iteratorOf({
        next: () => careless.runNow(Promise.resolve(values.shift() as IteratorResult<unknown>)),
      });
    },
    gets: SUDDEN_ANSWER,
  },
  'the Symbol.asyncIterator of an iterable': {
    handler: (careless) => ({
      [Symbol.asyncIterator]: () => careless.runNow(oneThenNone()),
    }),
    gets: SUDDEN_ANSWER,
  },
  'the return of an iterator, as its caller leaves': {
    handler: (careless) =>
      iteratorOf({
        next: () => Promise.resolve({ done: false, value: 1 }),
        return: () => Promise.resolve(careless.run({ done: true, value: 1 })),
      }),
    call: takeOne,
    gets: LEFT_WITH_1(ANSWER),
    holds: ['never settles'],
  },
  'the return of an iterator that throws at once': {
    handler: (careless) =>
      iteratorOf({
        next: () => Promise.resolve({ done: false, value: 1 }),
        return: () => careless.runNow(Promise.resolve({ done: true as const, value: 1 })),
      }),
    call: takeOne,
    gets: LEFT_WITH_1(SUDDEN_ANSWER),
  },
  'the finally of a generator, as its caller leaves': {
    handler: oneThenFinally,
    call: takeOne,
    gets: LEFT_WITH_1(ANSWER),
    holds: ['never settles'],
  },
  'the finally of a generator, at its end': {
    handler: async function* (careless) {
      try {
        yield 1;
        await careless.heard;
      } finally {
        await careless.run('done');
      }
    },
    gets: {
      ...Object.fromEntries(Object.keys(ANSWER).map((way) => [way, '1'])),
      throws: '1, Error Internal server error',
      rejects: '1, Error Internal server error',
      'rejects later': '1, Error CANCELLED',
      'never settles': '1, Error CANCELLED',
      'closes the client': '1, Error CLOSED',
      unsubscribes: '1, left',
    },
    holds: ['never settles'],
  },
  'the subscribe of an Observable': {
    handler: (careless) =>
      new Observable((subscriber) => {
        subscriber.next(careless.runNow('done'));
        subscriber.complete();
      }),
    gets: SUDDEN_ANSWER,
  },
  'a promise in an Observable': {
    handler: (careless) => of(1).pipe(concatMap(async () => careless.run('done'))),
    gets: ANSWER,
    holds: ['never settles'],
  },
  'an Observable that comes as a promise': {
    handler: (careless) => Promise.resolve(careless.run('done')).then((value) => of(value)),
    gets: ANSWER,
    holds: ['never settles'],
  },
  'the teardown of an Observable, as its caller leaves': {
    handler: (careless) =>
      new Observable((subscriber) => {
        subscriber.next(1);
        return () => careless.runNow(undefined);
      }),
    call: takeOne,
    gets: LEFT_WITH_1(SUDDEN_ANSWER),
  },
  'the teardown of an Observable, at its end': {
    handler: (careless) =>
      new Observable((subscriber) => {
        subscriber.add(() => careless.runNow(undefined));
        subscriber.next('done');
        subscriber.complete();
      }),
    gets: { ...SUDDEN_ANSWER, throws: 'done', 'closes the client': 'Error CLOSED' },
  },
  'a listener of the signal of a call': {
    handler: (careless, { signal }) => {
      signal.addEventListener('abort', () => careless.run(undefined));
      return new Observable((subscriber) => subscriber.next(1));
    },
    call: takeOne,
    gets: LEFT_WITH_1(ANSWER),
  },
  'the onabort of the signal of a call': {
    handler: (careless, { signal }) => {
      // oxlint-disable-next-line unicorn/prefer-add-event-listener -- this is what the test is about
      signal.onabort = () => careless.run(undefined);
      return new Observable((subscriber) => subscriber.next(1));
    },
    call: takeOne,
    gets: LEFT_WITH_1(ANSWER),
  },
};

async function* oneThenNone() {
  yield 'done';
}
