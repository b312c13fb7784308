import { expect, test } from 'vitest';
import { encodeBody } from '../../../lib/protocol/body.js';
import type { ServerMessage } from '../../../lib/protocol/messages.js';
import { ServerBench } from '../../support/server-bench.js';

const id = '1';
const statusesOf = (messages: ServerMessage[]) =>
  messages.map((message) =>
    message.type === 'reply' && message.dialect === 'negotiated' ? message.headers.status : '',
  );

async function called(credit: number) {
  const bench = new ServerBench();
  const socket = await bench.listen();
  socket.hears('peer', {
    type: 'request',
    dialect: 'negotiated',
    id,
    body: Buffer.from('1'),
    headers: { pattern: 'stream', type: 'json', attempt: 1, credit },
  });
  const [call] = bench.calls;
  if (!call) throw new Error('the call did not arrive');
  const grant = (values: number) => socket.hears('peer', { type: 'credit', id, values });
  return { bench, socket, call, grant, sent: () => statusesOf(socket.receivedBy('peer')) };
}

test('no more values are sent than the credit allows, and none is lost', async () => {
  const { call, grant, sent } = await called(2);
  for (let i = 0; i < 5; i++) call.next(encodeBody(i));
  expect(sent()).toEqual(['next', 'next']);
  grant(1);
  expect(sent()).toEqual(['next']);
  grant(10);
  expect(sent()).toEqual(['next', 'next']);
});

test('completion waits for the values before it', async () => {
  const { bench, call, grant, sent } = await called(1);
  call.next(encodeBody(1));
  call.next(encodeBody(2));
  call.last(encodeBody(3));
  expect(sent()).toEqual(['next']);
  expect(bench.agent.stats().running).toBe(1);
  grant(2);
  expect(sent()).toEqual(['next', 'next', 'end']);
  expect(bench.agent.stats().running).toBe(0);
});

test('an error waits for the values before it', async () => {
  const { call, grant, sent } = await called(1);
  call.next(encodeBody(1));
  call.next(encodeBody(2));
  call.error('broken');
  grant(1);
  expect(sent()).toEqual(['next', 'next', 'error']);
});

test('a call with credit for one value is answered in one message', async () => {
  const { call, sent } = await called(1);
  call.last(encodeBody(1));
  expect(sent()).toEqual(['last']);
});

test('untilOpen resolves when there is credit, and when no more values are wanted', async () => {
  const { call, grant, bench } = await called(1);
  await call.untilOpen();
  call.next(encodeBody(1));
  const told: string[] = [];
  void call.untilOpen().then(() => told.push('open'));
  await bench.settle();
  expect(told).toEqual([]);
  grant(1);
  await bench.settle();
  expect(told).toEqual(['open']);
  call.next(encodeBody(2));
  void call.untilOpen().then(() => told.push(call.isOpen ? 'open' : 'over'));
  call.abandon();
  await bench.settle();
  expect(told).toEqual(['open', 'over']);
});

test('a source without backpressure that outruns its reader by far is stopped with an error', async () => {
  const { call, sent } = await called(1);
  let stopped = 0;
  call.whenAbandoned(() => stopped++);
  const megabyte = encodeBody(Buffer.alloc(1024 * 1024));
  for (let i = 0; i < 100; i++) call.next(megabyte);
  expect(sent()).toEqual(['next', 'error']);
  expect(stopped).toBe(1);
});
