import { AsyncLocalStorage } from 'node:async_hooks';
import { Controller, Injectable, Module, type OnModuleInit } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { lastValueFrom } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FreelanceError } from 'nestjs-freelance';
import { contract, Implements, rpc } from 'nestjs-freelance/contract';
import { FreelanceTestbed, type FreelanceTestbedOptions } from 'nestjs-freelance/testing';
import { boundNames } from '../../lib/sockets/memory/names.js';
import { bedOf, BedModule, call, closeBeds, Counter, openGate, seen, statesOf } from './bed-app.js';

afterEach(closeBeds);

const create = (options: object) => FreelanceTestbed.create(options);

/** What keeps a process alive, but for what the test framework has. */
const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

describe('a new testbed', () => {
  test('has a client that is connected to every server', async () => {
    const bed = await bedOf();
    expect(statesOf(bed)).toEqual(['alive', 'alive', 'alive']);
    expect(await call(bed, 'echo', 1)).toBe(1);
    expect(Object.keys(bed.client.stats().endpoints)).toEqual(bed.endpoints);
    expect(bed.server(3)).toMatchObject({
      number: 3,
      id: 'server-3',
      endpoint: bed.endpoints[2],
    });
  });

  test('gives each server an application of its own', async () => {
    const bed = await bedOf({ servers: 2 });
    const [one, two] = [1, 2].map((number) => bed.server(number).app.get(Counter));
    expect(one).toBeInstanceOf(Counter);
    expect(one).not.toBe(two);
  });

  test('takes applications with overrides, options, and a dynamic module', async () => {
    const numbers: number[] = [];
    const bed = await bedOf({
      servers: 2,
      module: undefined,
      createApp: async (strategy, number) => {
        numbers.push(number);
        const module = await Test.createTestingModule({ imports: [BedModule] })
          .overrideProvider(Counter)
          .useValue({ count: number * 100 })
          .compile();
        return module.createNestMicroservice({ strategy });
      },
      client: { name: 'tests' },
      server: { service: 'orders' },
    });
    expect(numbers).toEqual([1, 2]);
    bed.server(1).kill();
    expect(await call(bed, 'count', {})).toBe(201);
    expect(bed.client.stats().endpoints[bed.endpoints[1] ?? '']?.service).toBe('orders');
    const dynamic = await bedOf({ servers: 1, module: { module: BedModule } });
    expect(await call(dynamic, 'echo', 1)).toBe(1);
  });

  test('makes the calls of a contract', async () => {
    const math = contract('math', { double: rpc<number, number>() });
    @Controller()
    @Implements(math)
    class MathController {
      double(value: number): number {
        return 2 * value;
      }
    }
    @Module({ controllers: [MathController] })
    class MathModule {}
    const bed = await bedOf({ servers: 1, module: MathModule });
    expect(await bed.contract(math).double(21)).toBe(42);
  });

  test('is apart from others, and from what one of them suffers', async () => {
    const [one, two] = [await bedOf({ servers: 1 }), await bedOf({ servers: 1 })];
    await call(one, 'count', {});
    one.server(1).kill();
    expect(await call(two, 'count', {})).toBe(1);
    expect(one.endpoints).not.toEqual(two.endpoints);
  });
});

describe('create', () => {
  test.each([
    [{}, 'give either module, or createApp'],
    [{ module: BedModule, createApp: () => {} }, 'give either module, or createApp'],
    [{ module: 'BedModule' }, 'module must be a module of Nest, but is "BedModule"'],
    [{ createApp: 5 }, 'createApp must be a function, but is 5'],
    [{ module: BedModule, servers: 0 }, 'servers must be a whole number, at least 1'],
    [{ module: BedModule, servers: 1.5 }, 'servers must be a whole number, at least 1'],
    [{ module: BedModule, time: 'fast' }, "time must be 'real' or 'virtual', but is \"fast\""],
    [{ module: BedModule, server: 5 }, 'server must be an object, but is 5'],
    [{ module: BedModule, client: { endpoints: [] } }, "client.endpoints is the testbed's own"],
    [{ module: BedModule, server: { bind: 'tcp://*:1' } }, "server.bind is the testbed's own"],
    [{ module: BedModule, client: { security: {} } }, "client.security is the testbed's own"],
    [{ module: BedModule, server: { maxQueue: -1 } }, 'maxQueue must be a whole number'],
    [{ modules: [] }, 'there is no option "modules"'],
  ])('refuses %j: %s', async (options, message) => {
    const failure: unknown = await create(options).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(FreelanceError);
    expect(failure).toMatchObject({
      code: 'BAD_OPTIONS',
      message: expect.stringContaining(message) as string,
    });
  });

  test('says so if an application ignores its strategy', async () => {
    const createApp = async () => {
      const { FreelanceTransportServer } = await import('nestjs-freelance');
      const module = await Test.createTestingModule({ imports: [BedModule] }).compile();
      const strategy = new FreelanceTransportServer({ bind: 'inproc://stranger' });
      return module.createNestMicroservice({ strategy });
    };
    await expect(create({ createApp })).rejects.toThrow(
      'server(1) does not listen: the application that createApp returns must use the strategy that it gets',
    );
    expect(boundNames().has('inproc://stranger')).toBe(false);
  });

  test.each([undefined, null, 5, {}])(
    'says so if createApp returns %j in place of an application',
    async (app) => {
      const failure: unknown = await create({ createApp: () => app }).catch((e: unknown) => e);
      expect(failure).toMatchObject({
        code: 'BAD_OPTIONS',
        message: expect.stringContaining(
          'server(1): createApp must return an application',
        ) as string,
      });
    },
  );

  test('that fails half-way closes what was started, the failing application as well', async () => {
    let started = 0;
    @Injectable()
    class Database implements OnModuleInit {
      onModuleInit(): void {
        if (++started === 2) throw new Error('no database');
      }

      onModuleDestroy(): void {
        seen.push('destroyed');
        if (started === 2) throw new Error('was not connected');
      }
    }
    @Module({ imports: [BedModule], providers: [Database] })
    class FailingModule {}
    const [before, bound] = [timers(), boundNames().size];
    await expect(create({ servers: 3, module: FailingModule, logger: false })).rejects.toThrow(
      'no database',
    );
    expect(started).toBe(2);
    expect(seen.filter((what) => what === 'destroyed')).toHaveLength(2);
    expect(boundNames().size).toBe(bound);
    expect(timers()).toBeLessThanOrEqual(before);
  });

  test.each(['real', 'virtual'] as const)(
    'fails, and closes all, if no server is ever ready, in %s time',
    async (time) => {
      const createApp: FreelanceTestbedOptions['createApp'] = async (strategy) => {
        strategy.setReady(false);
        const module = await Test.createTestingModule({ imports: [BedModule] }).compile();
        return module.createNestMicroservice({ strategy });
      };
      const bound = boundNames().size;
      const client = { connectTimeout: 100 };
      await expect(create({ createApp, time, client })).rejects.toMatchObject({
        code: 'ECONNREFUSED',
      });
      expect(boundNames().size).toBe(bound);
    },
  );
});

describe('server', () => {
  test.each([0, 4, -1, 1.5, '1'])('%j of 3 is an error with the range', async (number) => {
    const bed = await bedOf();
    expect(() => bed.server(number as number)).toThrow(
      `server(${JSON.stringify(number)}): the servers of this testbed have the numbers 1 to 3.`,
    );
  });
});

describe('close', () => {
  test('ends everything, whatever state servers are in, and leaves no timer behind', async () => {
    const [before, bound] = [timers(), boundNames().size];
    const bed = await bedOf({ servers: 7 });
    await bed.server(6).stop();
    const open = ['never', 'gated'].map((pattern) => call(bed, pattern, {}).catch(() => {}));
    await call(bed, 'echo', {});
    for (const number of [1, 2, 3, 4]) bed.server(number).slow(60_000);
    bed.server(1).kill();
    bed.server(2).freeze();
    bed.server(3).partition();
    void bed.server(4).stop();
    void bed.server(5).restart();
    await Promise.all([bed.close(), bed.close()]);
    await bed.close();
    await Promise.all(open);
    expect(seen.filter((what) => what === 'shutdown')).toHaveLength(8);
    expect(boundNames().size).toBe(bound);
    expect(timers()).toBeLessThanOrEqual(before);
  });

  test('fails open calls with CLOSED, and aborts their handlers', async () => {
    const bed = await bedOf({ servers: 1 });
    const answer = call(bed, 'never', {}).catch((error: unknown) => error);
    await call(bed, 'echo', 1);
    await bed.close();
    expect(await answer).toMatchObject({ code: 'CLOSED' });
    expect(seen).toEqual(['never', 'echo 1', 'aborted', 'shutdown']);
  });

  test('rejects with what applications fail with, after all else is closed', async () => {
    const createApp: FreelanceTestbedOptions['createApp'] = async (strategy, number) => {
      const module = await Test.createTestingModule({ imports: [BedModule] }).compile();
      const app = module.createNestMicroservice({ strategy });
      if (number > 2) return app;
      const close = async () => {
        await app.close();
        throw new Error(`cannot let go of ${number}`);
      };
      return new Proxy(app, {
        get: (target, name) => (name === 'close' ? close : (Reflect.get(target, name) as unknown)),
      });
    };
    const bound = boundNames().size;
    const one = await create({ createApp });
    await expect(one.close()).rejects.toThrow('cannot let go of 1');
    const three = await create({ servers: 3, createApp });
    await expect(three.close()).rejects.toMatchObject({
      errors: [{ message: 'cannot let go of 1' }, { message: 'cannot let go of 2' }],
    });
    expect(boundNames().size).toBe(bound);
    expect(seen).toEqual(['shutdown', 'shutdown', 'shutdown', 'shutdown']);
  });

  test('makes what comes later an error', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    await bed.close();
    expect(() => bed.server(1).kill()).toThrow('server(1) does not run: the testbed is closed.');
    await expect(bed.server(1).restart()).rejects.toThrow('The testbed is closed.');
    await expect(bed.clock.advance(1)).rejects.toThrow('This testbed is closed');
  });

  test.each(['real', 'virtual'] as const)(
    'makes calls and events that come later fail at once, in %s time, and does not open the client again',
    async (time) => {
      const before = timers();
      const bed = await bedOf({ servers: 1, time });
      const late = { code: 'CLOSED', message: expect.stringContaining('This testbed is closed') };
      const calledAgain = new Promise((resolve) => {
        const again = () => call(bed, 'echo', 1).catch(resolve);
        bed.client.send('never', {}).subscribe({ error: again });
      });
      const closed = bed.close();
      expect(await calledAgain).toMatchObject(late);
      await expect(call(bed, 'echo', 1)).rejects.toMatchObject(late);
      await closed;
      await expect(call(bed, 'echo', 1)).rejects.toMatchObject(late);
      await expect(lastValueFrom(bed.client.emit('echo', 1))).rejects.toMatchObject(late);
      await expect(bed.client.connect()).rejects.toMatchObject(late);
      expect(bed.client.stats().endpoints).toEqual({});
      expect(timers()).toBeLessThanOrEqual(before);
    },
  );

  test('ends an advance that runs', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    const advanced = bed.clock.advance(86_400_000);
    await bed.close();
    await advanced;
    expect(bed.clock.now()).toBeLessThan(86_400_000);
  });
});

describe('clock.advance', () => {
  test('needs virtual time', async () => {
    const bed = await bedOf({ servers: 1 });
    await expect(bed.clock.advance(1)).rejects.toThrow(
      "This testbed runs in real time, which nobody can advance: create it with time: 'virtual', or wait.",
    );
    expect(bed.clock.now()).toBeGreaterThan(0);
  });

  test.each([-1, Number.NaN, Infinity, 1e9, '5'])('refuses %s', async (ms) => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    await expect(bed.clock.advance(ms as number)).rejects.toThrow(
      'clock.advance takes ms from 0 to 86400000, a day, but got',
    );
  });

  test('refuses to run twice at once, in a handler for example', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    const first = bed.clock.advance(1000);
    await expect(bed.clock.advance(1)).rejects.toThrow(
      'The clock of this testbed is being advanced already: await one advance() before the next, and call none in a handler.',
    );
    await first;
    expect(bed.clock.now()).toBe(1000);
  });

  test('settles the promise chains of handlers and callers, without waiting for those that wait', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    const steps: number[] = [];
    void call(bed, 'never', {}).catch(() => {});
    void (async () => {
      for (let i = 0; i < 20; i++) {
        await call(bed, 'echo', i);
        await Promise.resolve();
        steps.push(i);
      }
    })();
    await bed.clock.advance(0);
    expect(steps).toHaveLength(20);
  });

  test('does the same in the same order, each time', async () => {
    const runs: string[] = [];
    for (let run = 0; run < 10; run++) {
      const bed = await bedOf({ servers: 3, time: 'virtual' });
      const events: string[] = [];
      const log = (what: string) => events.push(`${bed.clock.now()} ${what}`);
      for (const event of ['up', 'down', 'suspect'] as const)
        bed.client.on(event, (endpoint) => log(`${event} ${endpoint.slice(-1)}`));
      const calling = Promise.all(
        Array.from({ length: 30 }, async (_, i) => {
          const pattern = i % 3 === 0 ? 'charge' : 'echo';
          await call(bed, pattern, i).catch(({ code }: FreelanceError) => log(`${i} ${code}`));
          log(`${i} of ${pattern}`);
        }),
      );
      bed.server(2).freeze();
      await bed.clock.advance(1500);
      bed.server(1).slow(20);
      await bed.clock.advance(5000);
      bed.server(3).kill();
      await bed.server(3).restart();
      bed.server(2).thaw();
      await bed.clock.advance(20_000);
      await calling;
      runs.push([...events, ...seen, ...statesOf(bed)].join('\n'));
      await closeBeds();
    }
    expect(new Set(runs).size).toBe(1);
    expect(runs[0]).toContain('down 3');
    expect(runs[0]).toContain('up 3');
  });
});

test('handlers, callers and listeners keep their async contexts', async () => {
  const storage = new AsyncLocalStorage<string>();
  const contexts: unknown[] = [];
  await storage.run('test', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    bed.client.on('suspect', () => contexts.push(storage.getStore()));
    bed.server(1).freeze();
    const answer = storage.run('caller', () =>
      call(bed, 'gated', 'context').then(() => contexts.push(storage.getStore())),
    );
    await storage.run('advancing', () => bed.clock.advance(2000));
    storage.run('thawing', () => bed.server(1).thaw());
    await storage.run('advancing', () => bed.clock.advance(0));
    openGate('context');
    await answer;
  });
  expect(contexts).toEqual(['test', 'caller']);
});

test('works while the timers of the test are fake', async () => {
  vi.useFakeTimers();
  try {
    const bed = await bedOf({ servers: 2, time: 'virtual' });
    bed.server(1).freeze();
    const answers = Promise.all([call(bed, 'echo', 1), call(bed, 'echo', 2)]);
    await bed.clock.advance(3000);
    expect(await answers).toEqual([1, 2]);
    await bed.close();
  } finally {
    vi.useRealTimers();
  }
});
