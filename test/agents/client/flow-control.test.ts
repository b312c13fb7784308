import { expect, test } from 'vitest';
import { A, ClientBench } from '../../support/client-bench.js';

function streaming(paced: boolean, value: unknown) {
  const bench = new ClientBench({ endpoints: [A] });
  bench.up(A);
  const call = bench.call({ paced });
  const [request] = bench.server(A).requests();
  if (request?.dialect !== 'negotiated') throw new Error('expected a negotiated request');
  const send = (count: number) => {
    for (let i = 0; i < count; i++) bench.server(A).reply(request, value, 'next');
  };
  const granted = () =>
    bench
      .server(A)
      .told()
      .reduce((sum, message) => sum + (message.type === 'credit' ? message.values : 0), 0);
  return { bench, call, credit: request.headers.credit ?? 0, send, granted };
}

test('a request says how many values it will take, and more are granted as they arrive', () => {
  const { credit, send, granted } = streaming(false, 'small');
  expect(credit).toBe(16);
  send(16);
  const all = 16 + granted();
  expect(all).toBeGreaterThan(100);
  send(all - 16);
  expect(granted()).toBeGreaterThan(0);
});

test('a reader that reads nothing is sent no more than the window', () => {
  const { call, credit, send, granted } = streaming(true, 'small');
  send(credit);
  expect(granted()).toBe(0);
  for (let i = 0; i < credit; i++) call.handle?.read();
  expect(granted()).toBeGreaterThan(100);
});

test('the window of large values is small', () => {
  const { send, granted } = streaming(false, Buffer.alloc(1024 * 1024));
  send(16);
  expect(granted()).toBe(8);
  send(100);
  const underWay = granted() - 100;
  expect(underWay).toBeLessThanOrEqual(8);
});

test('a call that has ended grants nothing', () => {
  const { call, credit, send, granted } = streaming(true, 'small');
  send(credit);
  call.cancel();
  for (let i = 0; i < credit; i++) call.handle?.read();
  expect(granted()).toBe(0);
});

test('a server that does not know of credit is granted none', () => {
  const bench = new ClientBench({ endpoints: [A] });
  const server = bench
    .server(A)
    .accept()
    .pong('negotiated', { capabilities: ['cancel'] });
  const call = bench.call();
  const [request] = server.requests();
  for (let n = 0; n < 20; n++) if (request) server.reply(request, n, 'next');
  expect(call.values).toHaveLength(20);
  expect(server.told()).toEqual([]);
});
