import { setTimeout as delay } from 'node:timers/promises';
import type { Observer } from 'rxjs';
import { expect, test } from 'vitest';
import { CallLoops } from '../../benchmark/src/load/call-loops.js';
import { EventBursts } from '../../benchmark/src/load/event-bursts.js';
import { Tally } from '../../benchmark/src/load/tally.js';
import { orderTask, streamTask } from '../../benchmark/src/load/tasks.js';
import type { Client } from '../../benchmark/src/subjects/subject.js';

/** Calls wait here until the test answers them. */
class HeldClient implements Client {
  readonly calls: { data: unknown; observer: Observer<unknown> }[] = [];

  call(_pattern: string, data: unknown, observer: Observer<unknown>): void {
    this.calls.push({ data, observer });
  }

  answer(...values: unknown[]): void {
    const call = this.calls.shift();
    for (const value of values.length > 0 ? values : [call?.data]) call?.observer.next(value);
    call?.observer.complete();
  }
}

/** Counts events, except every n-th, which is lost. */
function eventClient(lostEvery: number): Client {
  let emitted = 0;
  let arrived = 0;
  return {
    emit() {
      emitted++;
      if (emitted % lostEvery !== 0) arrived++;
    },
    call(_pattern, _data, observer) {
      setImmediate(() => {
        observer.next(arrived);
        observer.complete();
      });
    },
  };
}

test('when a call ends the next begins, until the load stops', () => {
  const client = new HeldClient();
  const tally = new Tally();
  const load = new CallLoops([client], tally, 3, orderTask);
  expect(client.calls).toHaveLength(3);

  for (let call = 0; call < 10; call++) client.answer();
  expect(client.calls).toHaveLength(3);
  expect(tally.read()).toMatchObject({ operations: 10, values: 10 });

  load.stop();
  expect(load.open).toBe(3);
  for (let call = 0; call < 3; call++) client.answer();
  expect(client.calls).toHaveLength(0);
  expect(load.open).toBe(0);
});

test('calls are spread over the clients', () => {
  const clients = [new HeldClient(), new HeldClient(), new HeldClient()];
  void new CallLoops(clients, new Tally(), 8, orderTask);
  expect(clients.map(({ calls }) => calls.length)).toEqual([3, 3, 2]);
});

test('a count covers what arrived since its mark, and how long it took', async () => {
  const client = new HeldClient();
  const tally = new Tally();
  void new CallLoops([client], tally, 1, orderTask);
  client.answer();
  tally.mark();
  expect(tally.read()).toEqual({ operations: 0, values: 0, bytes: 0, latency: undefined });
  await delay(20);
  client.answer();
  const { operations, bytes, latency } = tally.read();
  expect(operations).toBe(1);
  expect(bytes).toBeGreaterThan(150);
  expect(latency?.p50).toBeGreaterThan(15e6);
  expect(latency?.p50).toBeLessThan(1000e6);
});

test('the answer to another call is a failure and ends the loop', () => {
  const client = new HeldClient();
  const tally = new Tally();
  const load = new CallLoops([client], tally, 1, orderTask);
  client.answer({ id: 99 });
  expect(load.open).toBe(0);
  expect(client.calls).toHaveLength(0);
  expect(() => tally.read()).toThrow('{"id":99} is not the answer');
});

test('a stream that ends early is a failure', () => {
  const client = new HeldClient();
  const tally = new Tally();
  void new CallLoops([client], tally, 1, () => streamTask('values', 3));
  client.answer({ id: 0 }, { id: 1 });
  expect(() => tally.read()).toThrow('expected 3 values, but got 2');
});

test('events count once the server has received them', async () => {
  const tally = new Tally();
  const load = new EventBursts([eventClient(Infinity)], tally, 2, 10);
  while (tally.isEmpty) await delay(1);
  load.stop();
  while (load.open > 0) await delay(1);
  const { values } = tally.read();
  expect(values).toBeGreaterThan(0);
  expect(values % 10).toBe(0);
});

test('a lost event is a failure', async () => {
  const tally = new Tally();
  const load = new EventBursts([eventClient(7)], tally, 1, 10, 50);
  while (tally.isEmpty) await delay(1);
  load.stop();
  while (load.open > 0) await delay(10);
  expect(() => tally.read()).toThrow(/\d+ of \d+ events never arrived/);
});
