import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.js';
import { Link } from './link.js';
import { clear, dark, deaf, lossy, mute, slow } from './weather.js';

/** An echo server, a link to it, and a client at the other end of the link. */
async function connected() {
  let heard = '';
  const atServer: Socket[] = [];
  const server = createServer((socket) => {
    atServer.push(socket);
    socket.on('data', (bytes) => {
      heard += bytes.toString();
      socket.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const link = await Link.to((server.address() as AddressInfo).port);
  const client = connect(Number(link.endpoint.split(':').at(-1)), '127.0.0.1');
  let answered = '';
  client.on('data', (bytes) => (answered += bytes.toString()));
  const say = (text: string) => client.write(text);
  say('0');
  await eventually(() => expect(answered).toBe('0'));
  return {
    link,
    client,
    atServer,
    say,
    heard: () => heard,
    answered: () => answered,
    async close() {
      client.destroy();
      await link[Symbol.asyncDispose]();
      for (const socket of atServer) socket.destroy();
      server.close();
    },
  };
}

let ends: Awaited<ReturnType<typeof connected>>;

beforeEach(async () => {
  ends = await connected();
});
afterEach(() => ends.close());

/** By then, bytes that may pass have passed, since bytes that were sent later over another link have. */
const aWhile = () => new Promise((resolve) => setTimeout(resolve, 50));

test('a dark link passes nothing, not even the end, and everything once it is light again', async () => {
  ends.link.become(dark);
  ends.say('1');
  ends.client.end();
  await aWhile();
  expect([ends.heard(), ends.answered(), ends.atServer[0]?.readableEnded]).toEqual([
    '0',
    '0',
    false,
  ]);
  ends.link.become(clear);
  await eventually(() => expect([ends.heard(), ends.atServer[0]?.destroyed]).toEqual(['01', true]));
});

test('one direction can be dark alone', async () => {
  ends.link.become(deaf);
  ends.say('1');
  await eventually(() => expect(ends.heard()).toBe('01'));
  ends.link.become(mute);
  await eventually(() => expect(ends.answered()).toBe('01'));
  ends.say('2');
  await aWhile();
  expect(ends.heard()).toBe('01');
});

test('a slow link delays each direction without falling behind', async () => {
  ends.link.become(slow(100));
  const startedAt = performance.now();
  for (const text of '123456789') ends.say(text);
  await eventually(() => expect(ends.answered()).toBe('0123456789'));
  // Timers of Node may fire a millisecond early.
  expect(performance.now() - startedAt).toBeGreaterThan(195);
});

test('a lossy link keeps the order and pauses for lost segments', async () => {
  const losses = [true, true, false];
  ends.link.become(lossy(0.5, () => (losses.shift() ? 0 : 1)));
  const startedAt = performance.now();
  ends.say('1');
  await eventually(() => expect(losses).toEqual([]));
  ends.say('2');
  await eventually(() => expect(ends.answered()).toBe('012'));
  expect(performance.now() - startedAt).toBeGreaterThan(595);
});

test('dropped connections are not reported to either side, and new ones can be made', async () => {
  ends.link.vanish();
  ends.say('1');
  ends.atServer[0]?.write('2');
  await aWhile();
  expect([ends.heard(), ends.answered()]).toEqual(['0', '0']);
  const port = Number(ends.link.endpoint.split(':').at(-1));
  const another = connect(port, '127.0.0.1');
  another.write('3');
  const [answer] = (await once(another, 'data')) as [Buffer];
  expect(String(answer)).toBe('3');
  another.destroy();
});
