import { Controller } from '@nestjs/common';
import { Ctx, MessagePattern, Payload } from '@nestjs/microservices';
import { FreelanceContext, FreelanceRecordBuilder } from 'nestjs-freelance';
import {
  finalize,
  interval,
  lastValueFrom,
  map,
  NEVER,
  Observable,
  range,
  take,
  toArray,
} from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Child } from '../support/child.js';
import { eventually } from '../support/eventually.js';
import { connectTo, serve, type Served } from '../support/nest.js';

const MEGABYTE = 1024 * 1024;

/** What happened to the handlers' work. */
const seen = { made: 0, ended: 0, aborted: 0, reasons: [] as unknown[] };

@Controller()
class StreamsController {
  @MessagePattern('count')
  count(@Payload() until: number) {
    return range(0, until);
  }

  @MessagePattern('endless')
  endless() {
    return interval(1).pipe(finalize(() => seen.ended++));
  }

  @MessagePattern('never')
  never(@Ctx() context: FreelanceContext) {
    context.signal.addEventListener('abort', () => seen.aborted++);
    return NEVER.pipe(finalize(() => seen.ended++));
  }

  @MessagePattern('promise that waits for its signal')
  waits(@Ctx() { signal }: FreelanceContext) {
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        seen.aborted++;
        reject(new Error('given up'));
      });
    });
  }

  @MessagePattern('large')
  async *large(@Payload() count: number) {
    try {
      for (let i = 0; i < count; i++) {
        seen.made++;
        const value = Buffer.alloc(MEGABYTE);
        value.writeUInt32BE(i);
        yield value;
      }
    } finally {
      seen.ended++;
    }
  }

  @MessagePattern('breaks')
  async *breaks() {
    yield 1;
    yield 2;
    await Promise.resolve();
    throw new Error('secret');
  }

  @MessagePattern('impatient')
  impatient() {
    return new Observable<Buffer>((subscriber) => {
      while (!subscriber.closed) subscriber.next(Buffer.alloc(MEGABYTE));
    });
  }
}

let server: Served;
let client: ReturnType<typeof connectTo>;

beforeAll(async () => {
  server = await serve([StreamsController]);
  client = connectTo(server.endpoints);
});

afterAll(async () => {
  client.close();
  await server[Symbol.asyncDispose]();
});

beforeEach(() => {
  Object.assign(seen, { made: 0, ended: 0, aborted: 0 });
});

const running = () => server.strategy.stats().running;
const isIdle = () => eventually(() => expect(running()).toBe(0));

test('every value arrives once, in order, however many there are', async () => {
  const values = await lastValueFrom(client.send<number>('count', 20_000).pipe(toArray()));
  expect(values).toEqual(Array.from({ length: 20_000 }, (_, index) => index));
});

test('an async iterable is a stream, and its failure is an error after its values', async () => {
  const values: number[] = [];
  const call = client.send<number>('breaks', {}).pipe(map((value) => values.push(value)));
  await expect(lastValueFrom(call)).rejects.toMatchObject({ status: 'error' });
  expect(values).toEqual([1, 2]);
  await isIdle();
});

describe('backpressure', () => {
  test('a reader that pauses pauses the source, and 1000 values of 1 MB arrive in order', async () => {
    const memory = () => process.memoryUsage().rss;
    const before = memory();
    const numbers: number[] = [];
    let highest = 0;
    let farthestAhead = 0;
    for await (const value of client.iterate<Buffer>('large', 1000)) {
      numbers.push(value.readUInt32BE());
      if (numbers.length % 100 === 0) await new Promise((resolve) => setTimeout(resolve, 50));
      farthestAhead = Math.max(farthestAhead, seen.made - numbers.length);
      highest = Math.max(highest, memory() - before);
    }
    expect(numbers).toEqual(Array.from({ length: 1000 }, (_, index) => index));
    expect(seen).toMatchObject({ made: 1000, ended: 1 });
    expect(farthestAhead).toBeLessThan(40);
    expect(highest).toBeLessThan(500 * MEGABYTE);
  });

  test('leaving the loop ends the source', async () => {
    for await (const value of client.iterate<Buffer>('large', 1000)) {
      expect(value).toHaveLength(MEGABYTE);
      break;
    }
    await eventually(() => expect(seen.ended).toBe(1));
    expect(seen.made).toBeLessThan(100);
    await isIdle();
  });

  test('the loop throws the error of the call', async () => {
    const read: number[] = [];
    const loop = async () => {
      for await (const value of client.iterate<number>('breaks', {})) read.push(value);
    };
    await expect(loop()).rejects.toMatchObject({ status: 'error' });
    expect(read).toEqual([1, 2]);
  });

  test('a source that cannot be paced is stopped before it fills the memory', async () => {
    const read = async () => {
      for await (const value of client.iterate<Buffer>('impatient', {})) {
        expect(value).toHaveLength(MEGABYTE);
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    };
    await expect(read()).rejects.toMatchObject({ message: expect.stringContaining('outran') });
    await isIdle();
  });
});

describe("the handler's work ends", () => {
  test.each(['endless', 'never'])('when the caller of %s unsubscribes', async (pattern) => {
    const subscription = client.send(pattern, {}).subscribe();
    await eventually(() => expect(running()).toBe(1));
    subscription.unsubscribe();
    await eventually(() => expect(seen.ended).toBe(1));
    expect(running()).toBe(0);
  });

  test('when the caller has taken enough values', async () => {
    const values = await lastValueFrom(client.send('endless', {}).pipe(take(3), toArray()));
    expect(values).toEqual([0, 1, 2]);
    await eventually(() => expect(seen.ended).toBe(1));
  });

  test('when the client closes', async () => {
    const other = connectTo(server.endpoints);
    const ends: unknown[] = [];
    other.send('never', {}).subscribe({ error: (error) => ends.push(error) });
    await eventually(() => expect(running()).toBe(1));
    other.close();
    await eventually(() => expect(seen).toMatchObject({ ended: 1, aborted: 1 }));
    expect(ends).toMatchObject([{ code: 'CLOSED' }]);
  });

  test("when the client's process is killed, at once", async () => {
    await using child = Child.node('subscriber', server.endpoints[0] ?? '', 'never');
    await eventually(() => expect(running()).toBe(1));
    await child.kill();
    await eventually(() => expect(seen).toMatchObject({ ended: 1, aborted: 1 }));
  });

  test('when the deadline passes', async () => {
    const call = client.send('never', new FreelanceRecordBuilder({}).setTimeout(1000).build());
    await expect(lastValueFrom(call)).rejects.toMatchObject({ code: 'ETIMEDOUT' });
    await eventually(() => expect(seen).toMatchObject({ ended: 1, aborted: 1 }));
  });

  test("when the caller's signal aborts", async () => {
    const controller = new AbortController();
    const record = new FreelanceRecordBuilder({}).setSignal(controller.signal).build();
    const ends: unknown[] = [];
    client.send('never', record).subscribe({ error: (error) => ends.push(error) });
    await eventually(() => expect(running()).toBe(1));
    controller.abort('enough');
    expect(ends).toMatchObject([{ code: 'CANCELLED', cause: 'enough' }]);
    await eventually(() => expect(seen.aborted).toBe(1));
  });

  test('for a handler that returned a promise as well, if it respects its signal', async () => {
    const subscription = client.send('promise that waits for its signal', {}).subscribe();
    await eventually(() => expect(running()).toBe(1));
    subscription.unsubscribe();
    await eventually(() => expect(seen.aborted).toBe(1));
    await isIdle();
  });

  test('when the server closes', async () => {
    const other = await serve([StreamsController]);
    using caller = connectTo(other.endpoints);
    const ends: unknown[] = [];
    caller.send('endless', {}).subscribe({ error: (error) => ends.push(error) });
    await eventually(() => expect(other.strategy.stats().running).toBe(1));
    await other[Symbol.asyncDispose]();
    expect(seen.ended).toBe(1);
    await eventually(() => expect(ends).toHaveLength(1));
  });
});
