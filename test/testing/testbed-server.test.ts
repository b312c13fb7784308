import { Module } from '@nestjs/common';
import { firstValueFrom, lastValueFrom, toArray } from 'rxjs';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { FreelanceRecordBuilder } from 'nestjs-freelance';
import { nextTurn } from '../../lib/testing/time/event-loop.js';
import { bedOf, BedModule, call, closeBeds, Counter, openGate, seen, statesOf } from './bed-app.js';

afterEach(closeBeds);

/** What a call fails with. It may fail while time passes, before a test awaits it. */
const failureOf = (answer: Promise<unknown>): Promise<unknown> =>
  answer.then(
    () => 'no failure',
    (error: unknown) => error,
  );

const settled = (promise: Promise<unknown>) => {
  const state = { isSettled: false };
  const over = () => (state.isSettled = true);
  promise.then(over, over);
  return state;
};

describe('kill', () => {
  test('moves calls in flight to other servers, at once', async () => {
    const bed = await bedOf({ time: 'virtual' });
    const answers = Array.from({ length: 9 }, (_, i) => call(bed, 'gated', `k${i}`));
    await bed.clock.advance(0);
    expect(seen).toHaveLength(9);
    bed.server(1).kill();
    await bed.clock.advance(0);
    expect(seen).toHaveLength(12);
    expect(statesOf(bed)).toEqual(['dead', 'alive', 'alive']);
    for (let i = 0; i < 9; i++) openGate(`k${i}`);
    expect(await Promise.all(answers)).toHaveLength(9);
    expect(bed.clock.now()).toBe(0);
  });

  test('fails a call that must not run twice with ECONNRESET, and says so', async () => {
    const bed = await bedOf({ servers: 2, time: 'virtual' });
    bed.server(2).refuse('busy');
    const gated = new FreelanceRecordBuilder('once').setIdempotent(false).build();
    const answer = call(bed, 'gated', gated);
    await bed.clock.advance(0);
    bed.server(1).kill();
    await expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(seen).toEqual(['gated once']);
  });

  test('fails its part of a broadcast at the same moment, which says that the connection was closed', async () => {
    const bed = await bedOf({ servers: 2, time: 'virtual' });
    bed.server(1).kill();
    const everywhere = new FreelanceRecordBuilder(1).setBroadcast(true).build();
    const echoed = lastValueFrom(bed.client.send('echo', everywhere));
    await expect(echoed).rejects.toMatchObject({
      code: 'BROADCAST',
      failed: [{ endpoint: bed.server(1).endpoint, reason: 'not sent: the connection was closed' }],
    });
  });

  test('breaks a stream, which says STREAM_BROKEN', async () => {
    const bed = await bedOf({ servers: 2 });
    bed.server(2).refuse('busy');
    const values: unknown[] = [];
    const reading = (async () => {
      for await (const value of bed.client.iterate('slowly', 'stream')) {
        values.push(value);
        bed.server(1).kill();
      }
    })();
    await expect(reading).rejects.toMatchObject({ code: 'STREAM_BROKEN' });
    expect(values).toEqual(['first of stream']);
  });

  test('tells the dead nothing: no signal is aborted and no hook runs, until the testbed closes', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual', client: { maxAttempts: 1 } });
    const answer = call(bed, 'never', {});
    await bed.clock.advance(0);
    bed.server(1).kill();
    await expect(answer).rejects.toMatchObject({ code: 'ECONNRESET' });
    await bed.clock.advance(60_000);
    expect(seen).toEqual(['never']);
    await bed.close();
    expect(seen).toEqual(['never', 'aborted', 'shutdown']);
  });

  test('in the midst of a handler: what that handler answers goes nowhere', async () => {
    const bed = await bedOf({ servers: 2, time: 'virtual' });
    const answer = call(bed, 'gated', 'dying');
    await bed.clock.advance(0);
    const dying = [1, 2].find((n) => bed.server(n).strategy.stats().running === 1);
    bed.server(dying ?? 0).kill();
    openGate('dying');
    await bed.clock.advance(0);
    expect(seen).toEqual(['gated dying', 'gated dying']);
    openGate('dying');
    expect(await answer).toBe('dying');
  });
});

describe('freeze', () => {
  test('is seen by heartbeats: with default options, in 3 s of virtual time', async () => {
    const bed = await bedOf({ time: 'virtual' });
    const answers = Array.from({ length: 9 }, (_, i) => call(bed, 'echo', i));
    bed.server(1).freeze();
    await bed.clock.advance(1000);
    expect(seen).toHaveLength(6);
    expect(statesOf(bed)).toEqual(['alive', 'alive', 'alive']);
    await bed.clock.advance(1000);
    expect(statesOf(bed)).toEqual(['suspect', 'alive', 'alive']);
    await bed.clock.advance(1000);
    expect(statesOf(bed)).toEqual(['dead', 'alive', 'alive']);
    expect(await Promise.all(answers)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('keeps what is sent, and what the server answers, until thaw', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    const running = call(bed, 'gated', 'frozen');
    const state = settled(running);
    await bed.clock.advance(0);
    bed.server(1).freeze();
    openGate('frozen');
    const waiting = call(bed, 'echo', 1);
    await bed.clock.advance(500);
    expect(state.isSettled).toBe(false);
    expect(seen).toEqual(['gated frozen']);
    bed.server(1).thaw();
    expect(await running).toBe('frozen');
    expect(await waiting).toBe(1);
  });

  test('stops its time as well: a deadline that passes meanwhile aborts the handler after thaw', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    const record = new FreelanceRecordBuilder({}).setTimeout(1000).build();
    const failure = failureOf(call(bed, 'never', record));
    await bed.clock.advance(0);
    bed.server(1).freeze();
    await bed.clock.advance(1500);
    expect(await failure).toMatchObject({ code: 'ETIMEDOUT' });
    expect(seen).toEqual(['never']);
    bed.server(1).thaw();
    await bed.clock.advance(0);
    expect(seen).toEqual(['never', 'aborted']);
  });

  test('of all servers: a call fails with ETIMEDOUT after its time, and yet runs once they thaw', async () => {
    const bed = await bedOf({ servers: 2, time: 'virtual', client: { timeout: 900 } });
    for (const number of [1, 2]) bed.server(number).freeze();
    const failure = failureOf(call(bed, 'charge', 1));
    await bed.clock.advance(900);
    expect(await failure).toMatchObject({ code: 'ETIMEDOUT' });
    for (const number of [1, 2]) bed.server(number).thaw();
    await bed.clock.advance(5000);
    expect(seen).toEqual(['charge 1']);
  });
});

describe('partition', () => {
  test('is seen by heartbeats, and heals: the client comes back by itself', async () => {
    const bed = await bedOf({ servers: 2, time: 'virtual' });
    bed.server(1).partition();
    await bed.clock.advance(3000);
    expect(statesOf(bed)).toEqual(['dead', 'alive']);
    await bed.clock.advance(60_000);
    expect(statesOf(bed)).toEqual(['dead', 'alive']);
    bed.server(1).heal();
    await bed.clock.advance(20_000);
    expect(statesOf(bed)).toEqual(['alive', 'alive']);
  });

  test('loses what its client gave up: no call runs after healing that has failed before', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    bed.server(1).partition();
    const failure = failureOf(call(bed, 'charge', 1));
    await bed.clock.advance(60_000);
    expect(await failure).toMatchObject({ code: 'ECONNRESET' });
    bed.server(1).heal();
    await bed.clock.advance(20_000);
    expect(seen).toEqual([]);
    expect(await call(bed, 'charge', 2)).toBe(2);
  });

  test('of a short time is a delay: what was on its way arrives, both ways', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    const answered = call(bed, 'gated', 'cut off');
    const state = settled(answered);
    await bed.clock.advance(0);
    bed.server(1).partition();
    openGate('cut off');
    const asked = call(bed, 'charge', 1);
    await bed.clock.advance(500);
    expect(state.isSettled).toBe(false);
    expect(seen).toEqual(['gated cut off']);
    bed.server(1).heal();
    expect(await Promise.all([answered, asked])).toEqual(['cut off', 1]);
  });
});

describe('slow', () => {
  test('delays what the server sends, in order; 0 undoes it', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    bed.server(1).slow(200);
    const rows = lastValueFrom(bed.client.send<number>('rows', 5).pipe(toArray()));
    const state = settled(rows);
    await bed.clock.advance(199);
    expect(state.isSettled).toBe(false);
    await bed.clock.advance(1);
    expect(await rows).toEqual([0, 1, 2, 3, 4]);
    bed.server(1).slow(0);
    expect(await call(bed, 'echo', 1)).toBe(1);
  });

  test('makes the balancer prefer the others', async () => {
    const bed = await bedOf({ servers: 2, time: 'virtual' });
    bed.server(1).slow(300);
    await bed.clock.advance(5000);
    for (let i = 0; i < 20; i++) {
      const answer = call(bed, 'count', i);
      await bed.clock.advance(300);
      await answer;
    }
    expect(bed.server(2).app.get(Counter).count).toBeGreaterThanOrEqual(18);
  });

  test.each([-1, Number.NaN, Infinity, '5' as never])('of %s is refused', async (ms) => {
    const bed = await bedOf({ servers: 1 });
    expect(() => bed.server(1).slow(ms)).toThrow('slow takes a number of ms, at least 0, but got');
  });
});

describe('refuse', () => {
  test.each(['busy', 'draining', 'unready'] as const)(
    '%s: calls and events go to other servers, unseen by their callers',
    async (reason) => {
      const bed = await bedOf({ servers: 2, time: 'virtual' });
      bed.server(1).refuse(reason);
      const answers = Promise.all(Array.from({ length: 20 }, (_, i) => call(bed, 'count', i)));
      bed.client.emit('happened', 1);
      expect(await answers).toHaveLength(20);
      expect(bed.server(2).app.get(Counter).count).toBe(20);
      await bed.clock.advance(0);
      expect(seen).toEqual(['happened 1']);
    },
  );

  test('by all servers: the call fails, and its error tells why', async () => {
    const bed = await bedOf({ servers: 2, time: 'virtual' });
    for (const number of [1, 2]) bed.server(number).refuse('busy');
    const failure = failureOf(call(bed, 'charge', 1));
    await bed.clock.advance(10_000);
    expect(await failure).toMatchObject({
      message: expect.stringContaining('The test has server-1 refuse calls') as string,
    });
    bed.server(1).accept();
    expect(await call(bed, 'charge', 2)).toBe(2);
  });

  test('leaves running calls alone', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    const running = call(bed, 'gated', 'before');
    const rows = bed.client.iterate('slowly', 'credit');
    expect((await rows.next()).value).toBe('first of credit');
    bed.server(1).refuse('busy');
    openGate('credit');
    expect((await rows.next()).value).toBe('second of credit');
    openGate('before');
    expect(await running).toBe('before');
  });

  test('for an unknown reason is an error that names those there are', async () => {
    const bed = await bedOf({ servers: 1 });
    expect(() => bed.server(1).refuse('tired' as never)).toThrow(
      'refuse takes one of busy, draining, expired, unready, may-have-run, but got "tired"',
    );
  });
});

describe('restart', () => {
  test('of a killed server: another application, with fresh providers, that the client finds', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    expect(await call(bed, 'count', {})).toBe(1);
    const { app } = bed.server(1);
    bed.server(1).kill();
    await bed.server(1).restart();
    expect(bed.server(1).app).not.toBe(app);
    const answer = call(bed, 'count', {});
    await bed.clock.advance(5000);
    expect(await answer).toBe(1);
    expect(seen).toEqual([]);
    await bed.close();
    expect(seen).toEqual(['shutdown', 'shutdown']);
  });

  test('of a server that runs kills it first, and starts it without faults', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    const record = new FreelanceRecordBuilder('r').setIdempotent(false).build();
    const failure = failureOf(call(bed, 'gated', record));
    await bed.clock.advance(0);
    bed.server(1).freeze();
    bed.server(1).slow(1000);
    await bed.server(1).restart();
    expect(await failure).toMatchObject({ code: 'ECONNRESET' });
    const answer = call(bed, 'echo', 1);
    await bed.clock.advance(5000);
    expect(await answer).toBe(1);
  });

  test('twice at once is one', async () => {
    const bed = await bedOf({ servers: 1 });
    await Promise.all([bed.server(1).restart(), bed.server(1).restart()]);
    await bed.close();
    expect(seen).toEqual(['shutdown', 'shutdown']);
  });

  test('whose application fails closes it at once, and leaves the server dead, to be restarted', async () => {
    let isBroken = false;
    class Database {
      onModuleInit(): void {
        if (isBroken) throw new Error('no database');
      }
    }
    @Module({ imports: [BedModule], providers: [Database] })
    class DatabaseModule {}
    const bed = await bedOf({ servers: 1, module: DatabaseModule, logger: false });
    isBroken = true;
    await expect(bed.server(1).restart()).rejects.toThrow('no database');
    expect(seen).toEqual(['shutdown']);
    expect(() => bed.server(1).freeze()).toThrow('server(1) does not run: it was killed');
    isBroken = false;
    await bed.server(1).restart();
    expect(await call(bed, 'echo', 1)).toBe(1);
  });
});

describe('stop', () => {
  test('drains: calls in flight are answered, new ones go elsewhere, then hooks run', async () => {
    const bed = await bedOf({ servers: 2, time: 'virtual' });
    const running = [call(bed, 'gated', 'a'), call(bed, 'gated', 'b')];
    await bed.clock.advance(0);
    const stopped = bed.server(1).stop();
    await bed.clock.advance(0);
    expect(statesOf(bed)).toEqual(['draining', 'alive']);
    expect(await call(bed, 'count', {})).toBe(1);
    expect(bed.server(2).app.get(Counter).count).toBe(1);
    openGate('a');
    openGate('b');
    expect(await Promise.all(running)).toEqual(['a', 'b']);
    await stopped;
    expect(seen).toEqual(['gated a', 'gated b', 'shutdown']);
    expect(() => bed.server(1).kill()).toThrow(
      'server(1) does not run: it was stopped, restart() it first.',
    );
    await bed.server(1).restart();
    await bed.clock.advance(10_000);
    expect(statesOf(bed)).toEqual(['alive', 'alive']);
  });

  test('ends after drainTimeout, in virtual time as well', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    const failure = failureOf(call(bed, 'never', {}));
    await bed.clock.advance(0);
    const stopped = bed.server(1).stop();
    await bed.clock.advance(9999);
    expect(seen).toEqual(['never']);
    await bed.clock.advance(1);
    await stopped;
    expect(seen).toEqual(['never', 'aborted', 'shutdown']);
    await bed.clock.advance(60_000);
    expect(await failure).toMatchObject({ code: 'ECONNREFUSED' });
  });

  test('may be cut short by kill, for all who wait for it', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    call(bed, 'never', {}).catch(() => {});
    await bed.clock.advance(0);
    const stopped = [bed.server(1).stop(), bed.server(1).stop()];
    await bed.clock.advance(0);
    bed.server(1).kill();
    await Promise.all(stopped);
    expect(() => bed.server(1).freeze()).toThrow('it was killed');
    expect(seen).toEqual(['never']);
  });

  test('sends its last answers through a slow network', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    bed.server(1).slow(50);
    const answer = call(bed, 'echo', 1);
    await bed.clock.advance(0);
    const stopped = bed.server(1).stop();
    await bed.clock.advance(500);
    expect(await answer).toBe(1);
    await stopped;
  });

  test('ends during a partition, and may be followed by a restart', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    bed.server(1).partition();
    const stopped = settled(bed.server(1).stop());
    await bed.clock.advance(60_000);
    expect(stopped.isSettled).toBe(true);
    expect(seen).toEqual(['shutdown']);
    await bed.server(1).restart();
    const answer = call(bed, 'echo', 1);
    await bed.clock.advance(10_000);
    expect(await answer).toBe(1);
  });

  test('may be followed by a restart before its last words have arrived', async () => {
    const bed = await bedOf({ servers: 1, time: 'virtual' });
    bed.server(1).slow(60_000);
    const stopped = bed.server(1).stop();
    await bed.clock.advance(11_000);
    await bed.server(1).restart();
    await stopped;
    const answer = call(bed, 'echo', 1);
    await bed.clock.advance(10_000);
    expect(await answer).toBe(1);
  });
});

test('a fault of a server that was killed is an error that says what to do', async () => {
  const bed = await bedOf();
  const server = bed.server(2);
  server.kill();
  const faults = [
    () => server.kill(),
    () => server.freeze(),
    () => server.thaw(),
    () => server.partition(),
    () => server.heal(),
    () => server.slow(1),
    () => server.refuse('busy'),
    () => server.accept(),
  ];
  for (const fault of faults)
    expect(fault).toThrow('server(2) does not run: it was killed, restart() it first.');
  await expect(server.stop()).rejects.toThrow('server(2) does not run: it was killed');
});

test('faults are met by clients of the user’s own as well, and under fake timers', async () => {
  vi.useFakeTimers();
  try {
    const bed = await bedOf({ servers: 2 });
    bed.server(1).kill();
    const { FreelanceClientProxy } = await import('nestjs-freelance');
    const client = new FreelanceClientProxy({ endpoints: bed.endpoints });
    await client.connect();
    expect(await firstValueFrom(client.send('echo', 1))).toBe(1);
    const answer = firstValueFrom(client.send('gated', 'own'));
    while (seen.length < 2) await firstValueFrom(client.send('count', {}));
    bed.server(2).kill();
    await bed.server(1).restart();
    while (seen.length < 3) await nextTurn();
    openGate('own');
    expect(await answer).toBe('own');
    client.close();
  } finally {
    vi.useRealTimers();
  }
});
