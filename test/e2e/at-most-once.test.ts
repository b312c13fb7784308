import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import {
  AtMostOnce,
  FreelanceClientProxy,
  FreelanceError,
  FreelanceRecordBuilder,
  FreelanceTransportServer,
} from 'nestjs-freelance';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { firstValueFrom, lastValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Child } from '../support/child.js';
import { eventually } from '../support/eventually.js';
import { connectTo, serve } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';

const runs: string[] = [];

beforeEach(() => {
  runs.length = 0;
});

/** Never answers, so every caller has to give up. */
function never(name: string): Promise<never> {
  runs.push(name);
  return new Promise(() => {});
}

class Base {
  @AtMostOnce()
  @MessagePattern('inherited')
  inherited() {
    return never('inherited');
  }
}

@Controller()
class OnceController extends Base {
  @AtMostOnce()
  @MessagePattern('above')
  above() {
    return never('above');
  }

  @MessagePattern('below')
  @AtMostOnce()
  below() {
    return never('below');
  }

  @MessagePattern('extras', { atMostOnce: true })
  extras() {
    return never('extras');
  }

  /** The decorator wins, whatever the extras say. */
  @MessagePattern('contradicted', { atMostOnce: false })
  @AtMostOnce()
  contradicted() {
    return never('contradicted');
  }

  @AtMostOnce()
  @MessagePattern(['one of several', { cmd: 'another', of: 'several' }])
  several() {
    return never('several');
  }

  @MessagePattern('as often as you like')
  often() {
    return never('often');
  }

  @AtMostOnce()
  @EventPattern('letter')
  letter(@Payload() to: string) {
    runs.push(`letter to ${to}`);
  }
}

/** Two servers, and a client that gives up early and would ask the other one. */
async function pool() {
  const one = await serve([OnceController]);
  const two = await serve([OnceController]);
  const client = connectTo([...one.endpoints, ...two.endpoints], { requestTimeout: 100 });
  await client.connect();
  await eventually(() => {
    const states = Object.values(client.stats().endpoints).map(({ state }) => state);
    expect(states).toEqual(['alive', 'alive']);
  });
  return {
    client,
    one,
    two,
    async [Symbol.asyncDispose]() {
      client.close();
      await Promise.all([one[Symbol.asyncDispose](), two[Symbol.asyncDispose]()]);
    },
  };
}

async function errorOf(call: Promise<unknown>): Promise<FreelanceError> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof FreelanceError) return error;
  throw new Error(`a FreelanceError was to come, not ${String(error)}`);
}

describe('a handler runs at most once', () => {
  test.each([
    ['above'],
    ['below'],
    ['extras'],
    ['contradicted'],
    ['inherited'],
    ['one of several'],
    [{ of: 'several', cmd: 'another' }],
  ])('if declared as in %j, whatever its caller says', async (pattern) => {
    await using servers = await pool();
    const record = new FreelanceRecordBuilder({})
      .setIdempotent(true)
      .setHedge({ after: 1, max: 1 })
      .build();
    const error = await errorOf(firstValueFrom(servers.client.send(pattern, record)));
    expect(error).toMatchObject({ code: 'ETIMEDOUT', mayHaveRun: 1 });
    expect(runs).toHaveLength(1);
  });

  test('while other handlers of the same server are retried', async () => {
    await using servers = await pool();
    const error = await errorOf(firstValueFrom(servers.client.send('as often as you like', {})));
    expect(error).toMatchObject({ code: 'ETIMEDOUT', mayHaveRun: 2 });
    expect(runs).toEqual(['often', 'often']);
  });

  test('for events as well', async () => {
    await using servers = await pool();
    await lastValueFrom(servers.client.emit('letter', 'you'), { defaultValue: undefined });
    await eventually(() => expect(runs).toEqual(['letter to you']));
  });
});

/** A server that looks up handlers in its own way, so that clients know the pattern by another name. */
class WildcardServer extends FreelanceTransportServer {
  override getHandlerByPattern(pattern: string) {
    return super.getHandlerByPattern(pattern.startsWith('pay.') ? 'pay.*' : pattern);
  }
}

@Controller()
class WildcardController {
  @AtMostOnce()
  @MessagePattern('pay.*')
  pay() {
    return never('pay');
  }
}

test('a handler that also answers to other patterns refuses a call that may have run', async () => {
  const { NestFactory } = await import('@nestjs/core');
  const { Module } = await import('@nestjs/common');
  @Module({ controllers: [WildcardController] })
  class WildcardModule {}
  const servers = [1, 2].map(() => new WildcardServer({ bind: 'tcp://127.0.0.1:*' }));
  const apps = await Promise.all(
    servers.map((strategy) =>
      NestFactory.createMicroservice(WildcardModule, { strategy, logger: false }),
    ),
  );
  await Promise.all(apps.map((app) => app.listen()));
  using client = connectTo(
    servers.flatMap(({ endpoints }) => endpoints),
    { requestTimeout: 100 },
  );
  await client.connect();
  const error = await errorOf(firstValueFrom(client.send('pay.now', {})));
  expect(error).toMatchObject({ code: 'ETIMEDOUT', mayHaveRun: 1 });
  expect(error.message).toContain('may-have-run');
  expect(runs).toEqual(['pay']);
  await Promise.all(apps.map((app) => app.close()));
});

test('@AtMostOnce() rejects properties, and extras must be booleans', async () => {
  expect(() => AtMostOnce()({}, 'total', { value: 5 })).toThrow('decorates total');
  const server = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  const handler = () => Promise.resolve();
  expect(() => server.addHandler('charge', handler, false, { atMostOnce: 'yes' })).toThrow(
    'The extras of "charge" have an atMostOnce that must be true or false, but is "yes"',
  );
});

describe('with three servers that are killed, frozen and slow', () => {
  let folder: string;
  let ledger: string;
  let servers: { endpoint: string; child: Child }[];

  const start = async (endpoint: string) => {
    const child = Child.node('cashier', endpoint, ledger);
    await child.nextLine();
    return child;
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'freelance-once-'));
    ledger = join(folder, 'ledger');
    await writeFile(ledger, '');
    servers = await Promise.all(
      [1, 2, 3].map(async () => {
        const endpoint = await freeEndpoint();
        return { endpoint, child: await start(endpoint) };
      }),
    );
  });

  afterEach(async () => {
    await Promise.all(servers.map(({ child }) => child.kill()));
    await rm(folder, { recursive: true });
  });

  test('no call and no event runs twice, whatever happens to it', async () => {
    const client = new FreelanceClientProxy({
      endpoints: servers.map(({ endpoint }) => endpoint),
      heartbeatInterval: 100,
      heartbeatTimeout: 500,
      requestTimeout: 150,
      idempotent: true,
      retryBudget: { minPerSecond: Infinity },
    });
    await client.connect();
    const ends = { answered: 0, failed: 0 };
    const over = new AbortController();
    const caller = async (name: string) => {
      for (let i = 0; !over.signal.aborted; i++) {
        const order = { id: `${name}-${i}`, ms: (i * 37) % 200 };
        const record = new FreelanceRecordBuilder(order).setHedge({ after: 20, max: 2 }).build();
        const call = i % 5 === 4 ? client.emit('charged', order) : client.send('charge', record);
        await lastValueFrom(call, { defaultValue: undefined }).then(
          () => ends.answered++,
          () => ends.failed++,
        );
      }
    };
    const callers = Array.from({ length: 24 }, (_, i) => caller(`caller-${i}`));
    const [killed, frozen] = servers;
    if (!killed || !frozen) throw new Error('there are three servers');
    for (let round = 0; round < 4; round++) {
      await delay(300);
      frozen.child.signal('SIGSTOP');
      await killed.child.kill();
      await delay(round % 2 === 0 ? 200 : 900);
      killed.child = await start(killed.endpoint);
      frozen.child.signal('SIGCONT');
    }
    over.abort();
    await Promise.all(callers);
    client.close();
    const lines = (await readFile(ledger, 'utf8')).trim().split('\n');
    const twice = lines.filter((line, i) => lines.indexOf(line) !== i);
    expect(twice).toEqual([]);
    // Some were lost, and most were not.
    expect(ends.failed).toBeGreaterThan(0);
    expect(ends.answered).toBeGreaterThan(ends.failed);
  });
});
