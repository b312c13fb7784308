import { Logger } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { from, NEVER, Observable, type Observer, of, tap } from 'rxjs';
import { CARELESS, type Careless, SUDDEN_WAYS, type Way } from './careless.js';
import type { Place } from './place.js';
import type { World } from './world.js';

/** The same result for each of these ways. */
const always = (gets: string, ways: readonly Way[]) =>
  Object.fromEntries(ways.map((way) => [way, gets])) as Partial<Record<Way, string>>;

const DONE = always('done', ['throws', 'rejects', 'rejects later', 'never settles', 'takes long']);

/** Answers once the code has run, so that the call is open while it runs. */
const doneAfterwards = async (careless: Careless) => {
  await careless.struck;
  return 'done';
};

/** For code that runs while the call is open. */
const MEANWHILE: Partial<Record<Way, string>> = {
  ...DONE,
  'rejects later': 'done',
  'closes the client': 'Error CLOSED',
  calls: 'done',
  unsubscribes: 'left',
};

/** For code that runs before the call is made. */
const BEFOREHAND = { ...DONE, 'closes the client': 'done', calls: 'done' };

/** A call whose subscriber runs the code in one of its callbacks. */
const subscribing =
  (callbacks: (careless: Careless) => Partial<Observer<unknown>>) =>
  (world: World, careless: Careless): Observable<unknown> =>
    new Observable((watcher) => {
      const own = callbacks(careless);
      return world.send().subscribe({
        next: (value) => (own.next?.(value), watcher.next(value)),
        // The end is reported, whatever the code does.
        complete() {
          try {
            own.complete?.();
          } finally {
            watcher.complete();
          }
        },
        error(error: unknown) {
          try {
            own.error?.(error);
          } finally {
            watcher.error(error);
          }
        },
      });
    });

/** User code in the process of a client, and listeners of a server. */
export const CALLERS: Record<string, Place> = {
  'a listener of a client, as a server comes up': {
    handler: doneAfterwards,
    prepare: (careless, { client }) => {
      client.on('up', () => careless.run(undefined) as undefined);
    },
    gets: MEANWHILE,
  },
  'a listener of a client, as a server is down': {
    handler: doneAfterwards,
    prepare(careless, { client }) {
      client.on('down', () => careless.run(undefined) as undefined);
      // Nobody listens at that port.
      client.addEndpoint('tcp://127.0.0.1:1');
    },
    gets: MEANWHILE,
  },
  'a listener of a server that listens': {
    async prepare(careless, world) {
      world.server.strategy.on('listening', () => careless.run(undefined) as undefined);
      await world.restart();
    },
    gets: BEFOREHAND,
  },
  'a listener of a server that has closed': {
    async prepare(careless, world) {
      world.server.strategy.on('close', () => careless.run(undefined) as undefined);
      await world.restart();
    },
    gets: BEFOREHAND,
  },
  'the callback of listen': {
    prepare: (careless, world) => world.restart(() => careless.run(undefined)),
    gets: BEFOREHAND,
  },
  'a subscriber of the status of a client': {
    handler: doneAfterwards,
    prepare(careless, { client }) {
      client.status.subscribe((status) => status === 'connected' && careless.runNow(undefined));
    },
    gets: {
      throws: 'done',
      'closes the client': 'Error CLOSED',
      calls: 'done',
      unsubscribes: 'left',
    },
    isToldTo: 'the process',
  },
  'a subscriber of the status of a server': {
    async prepare(careless, world) {
      world.server.strategy.status.subscribe(
        (status) => status === 'disconnected' && careless.runNow(undefined),
      );
      await world.restart();
    },
    gets: { throws: 'done', 'closes the client': 'done' },
    isToldTo: 'the process',
  },
  'the next of a subscriber': {
    call: subscribing((careless) => ({ next: () => careless.runNow(undefined) })),
    gets: {
      throws: '',
      'closes the server': 'done',
      'closes the client': 'done',
      calls: 'done',
      unsubscribes: 'left',
    },
    isToldTo: 'the process',
  },
  'the complete of a subscriber': {
    call: subscribing((careless) => ({ complete: () => careless.runNow(undefined) })),
    gets: { ...always('done', SUDDEN_WAYS), unsubscribes: 'done, left' },
    isToldTo: 'the process',
  },
  'the error of a subscriber': {
    handler: () => {
      throw new RpcException('no');
    },
    call: subscribing((careless) => ({ error: () => careless.runNow(undefined) })),
    gets: { ...always('Error no', SUDDEN_WAYS), unsubscribes: 'left' },
    isToldTo: 'the process',
  },
  'an operator behind a call, at its value': {
    call: (world, careless) => world.send().pipe(tap(() => careless.runNow(undefined))),
    gets: {
      throws: 'Error careless',
      'closes the server': 'done',
      'closes the client': 'done',
      calls: 'done',
      unsubscribes: 'left',
    },
  },
  'an operator behind a call, at the first of its values': {
    handler: () => of(1, 2),
    call: (world, careless) => world.send().pipe(tap(() => careless.runNow(undefined))),
    gets: {
      throws: 'Error careless',
      'closes the server': '1, 2',
      'closes the client': '1, Error CLOSED',
      calls: '1, 2',
      unsubscribes: 'left',
    },
  },
  'the body of a loop over a call': {
    handler: () => of(1, 2),
    call: (world, careless) => {
      const values = async function* () {
        for await (const value of world.client.iterate(CARELESS, world.record())) {
          yield await careless.run(value);
        }
      };
      return from(values());
    },
    gets: {
      throws: 'Error careless',
      rejects: 'Error careless',
      'takes long': '1, 2',
      'closes the server': '1, 2',
      'closes the client': '1, 2',
      calls: '1, 2',
      unsubscribes: 'left',
    },
  },
  'the toJSON of the data of a call': {
    call: (world, careless) => world.send({ toJSON: () => careless.runNow('data') }),
    gets: {
      throws: 'Error careless',
      'closes the client': 'Error CLOSED',
      calls: 'done',
      unsubscribes: 'left',
    },
  },
  'the toJSON of the data of an event': {
    call: ({ client }, careless) =>
      client.emit('careless event', { toJSON: () => careless.runNow('data') }),
    gets: { throws: 'Error careless', 'closes the client': 'Error CLOSED', calls: 'undefined' },
  },
  'a listener of the signal that was given to a call': {
    handler: () => NEVER,
    call(world, careless) {
      world.whenLeft(() => careless.runNow(undefined));
      return world.send().pipe(tap({ subscribe: () => void setTimeout(() => world.leave()) }));
    },
    gets: {
      throws: 'Error CANCELLED',
      'closes the client': 'Error CLOSED',
      calls: 'Error CANCELLED',
      unsubscribes: 'left',
    },
    isToldTo: 'the process',
  },
  'a balancer': {
    client: (careless) => ({
      balancer: { pick: ([server]) => careless.run(server) as typeof server },
    }),
    gets: {
      ...always('Error BALANCER', ['rejects', 'rejects later', 'never settles', 'takes long']),
      throws: 'Error BALANCER',
      'closes the client': 'Error CLOSED',
      calls: 'Error BALANCER',
      unsubscribes: 'left',
    },
  },
  'the option isFailure': {
    handler: () => {
      throw new RpcException('no');
    },
    client: (careless) => ({ isFailure: () => careless.run(false) as boolean }),
    gets: {
      ...always('Error no', [...SUDDEN_WAYS, 'rejects', 'rejects later', 'never settles']),
      'takes long': 'Error no',
      'closes the client': 'Error no',
      unsubscribes: 'left',
    },
  },
  'the logger of a client': {
    handler: doneAfterwards,
    async prepare(careless, { neighbour }) {
      // Only from here on, since the neighbour's log lines do not matter.
      await neighbour.connect();
      await new Promise(setImmediate);
      overrideLogger('debug', careless);
    },
    gets: {
      throws: 'done',
      'closes the client': 'Error CLOSED',
      calls: 'done',
      unsubscribes: 'left',
    },
  },
  'the logger of a server': {
    handler: () => ({ big: 1n }),
    prepare: (careless) => overrideLogger('error', careless),
    gets: {
      ...always('Error The result cannot be written as JSON', SUDDEN_WAYS),
      'closes the client': 'Error CLOSED',
      unsubscribes: 'left',
    },
  },
};

/** Nest has this hook since 12. */
if ('setOnDispatchHook' in FreelanceClientProxy.prototype) {
  const prepare = (careless: Careless, { client }: World) =>
    // Nest's type does not allow a promise, but nothing prevents an asynchronous hook.
    client.setOnDispatchHook(() => careless.run(undefined) as undefined);
  CALLERS['the dispatch hook'] = {
    prepare,
    gets: {
      throws: 'Error careless',
      ...always('done', ['rejects', 'rejects later', 'never settles', 'takes long']),
      // The call begins after it, and reopens the client.
      'closes the client': 'done',
      calls: 'done',
      unsubscribes: 'left',
    },
  };
  CALLERS['the dispatch hook, for an event'] = {
    prepare,
    call: ({ client }) => client.emit('careless event', CARELESS),
    gets: { throws: 'Error careless', 'closes the client': 'undefined', calls: 'undefined' },
  };
}

function overrideLogger(level: 'debug' | 'error', careless: Careless): void {
  const logger = { log() {}, warn() {}, error() {}, debug() {} };
  Logger.overrideLogger({ ...logger, [level]: () => careless.runNow(undefined) });
}
