import { describe, expect, test } from 'vitest';
import { ServerBench } from '../../support/server-bench.js';
import { calls } from '../../support/server-messages.js';

test('a server leaves even if a handler throws when it is stopped', async () => {
  const bench = new ServerBench();
  const socket = await bench.listen();
  bench.whenCalled = (call) =>
    call.whenAbandoned(() => {
      throw new Error('of the user');
    });
  calls(socket, 'a', '1');
  expect(() => bench.agent.close()).toThrow('of the user');
  expect(bench.leftAt).toHaveLength(1);
});

describe('a handler that closes the server as it begins', () => {
  test('is stopped once it returns, and no other handler begins', async () => {
    const bench = new ServerBench({ maxConcurrency: 2, maxQueue: 10 });
    const socket = await bench.listen();
    for (const id of ['1', '2', '3', '4']) calls(socket, 'a', id);
    const [first] = bench.calls;
    let wasAborted: boolean | undefined;
    bench.whenCalled = ({ signal }) => {
      bench.agent.close();
      wasAborted = signal.aborted;
    };
    first?.complete();
    expect(bench.calls).toHaveLength(3);
    expect(wasAborted).toBe(false);
    expect(bench.calls.slice(1).map(({ signal }) => signal.aborted)).toEqual([true, true]);
    expect(bench.leftAt).toHaveLength(1);
  });

  test('keeps calls from running that were queued behind it', async () => {
    const bench = new ServerBench({ maxConcurrency: 1, maxQueue: 10 });
    const socket = await bench.listen();
    bench.whenCalled = (call) => call.handlerBegan();
    for (const id of ['1', '2', '3']) calls(socket, 'a', id);
    bench.whenCalled = () => bench.agent.close();
    bench.calls[0]?.complete();
    bench.calls[0]?.handlerEnded();
    expect(bench.calls).toHaveLength(2);
    expect(bench.agent.stats()).toMatchObject({ running: 0, queued: 0 });
  });
});

test('a call that fails as its handler begins stops the handler once it has returned', async () => {
  const bench = new ServerBench();
  const socket = await bench.listen();
  const order: string[] = [];
  bench.whenCalled = (call) => {
    call.whenAbandoned(() => order.push('stopped'));
    call.fail('cannot be written');
    order.push('returned');
  };
  calls(socket, 'a', '1');
  expect(order).toEqual(['returned', 'stopped']);
  expect(bench.calls[0]?.signal.aborted).toBe(false);
});

test('a handler that a task stops is told after the task', async () => {
  const bench = new ServerBench();
  const socket = await bench.listen();
  const order: string[] = [];
  bench.whenCalled = (call) => call.whenAbandoned(() => order.push('stopped'));
  calls(socket, 'a', '1');
  bench.agent.after(10, () => {
    bench.agent.close();
    order.push('task is over');
  });
  bench.clock.advance(10);
  expect(order).toEqual(['task is over', 'stopped']);
});
