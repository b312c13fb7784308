import { connect, Server, type Socket } from 'node:net';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { bindError } from '../../../lib/sockets/bind-error.js';
import { listenAt } from '../../../lib/sockets/node/listen.js';
import { Resolver } from '../../../lib/sockets/resolver.js';
import { ManualClock } from '../../support/manual-clock.js';

const NOBODY = { onConnection() {}, onAcceptFailed() {} };

test('a name whose look-up hangs fails the bind after five seconds', async () => {
  const clock = new ManualClock();
  const names = new Resolver(() => {}, clock);
  const listening = listenAt('tcp://hangs.example:5555', false, NOBODY, names);
  const failed = listening.catch((error: unknown) => bindError('tcp://hangs.example:5555', error));
  clock.advance(5000);
  expect(await failed).toMatchObject({
    code: 'ETIMEDOUT',
    message:
      'cannot bind tcp://hangs.example:5555: the name hangs.example has not resolved within 5000 ms (ETIMEDOUT)',
  });
});

test('a name that does not resolve fails the bind with the code of the look-up', async () => {
  const error = Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  const names = new Resolver((_name, done) => done(error, []));
  await expect(listenAt('tcp://nobody.example:1', false, NOBODY, names)).rejects.toMatchObject({
    code: 'ENOTFOUND',
  });
});

test('a process without file descriptors reports connections that it cannot accept, and goes on', async () => {
  const listen = vi.spyOn(Server.prototype, 'listen');
  const failures: unknown[] = [];
  const accepted: Socket[] = [];
  const listening = await listenAt('tcp://127.0.0.1:*', false, {
    onConnection: (socket) => accepted.push(socket),
    onAcceptFailed: (error) => failures.push(error),
  });
  const port = Number(listening.endpoint.split(':').at(-1));
  const error = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });
  const [server] = listen.mock.contexts as Server[];
  server?.emit('error', error);
  listen.mockRestore();
  expect(failures).toEqual([error]);
  const client = connect(port, '127.0.0.1');
  await once(client, 'connect');
  await expect.poll(() => accepted).toHaveLength(1);
  client.destroy();
  for (const socket of accepted) socket.destroy();
  await listening.close();
});
