import Module from 'node:module';
import { Dealer, Router } from 'zeromq';
import { afterEach, expect, test, vi } from 'vitest';
import { monitor } from '../../../lib/sockets/zeromq/monitor.js';

const sockets: (Dealer | Router)[] = [];
const opened = <S extends Dealer | Router>(socket: S): S => {
  sockets.push(socket);
  return socket;
};

afterEach(() => {
  vi.restoreAllMocks();
  for (const socket of sockets.splice(0)) socket.close();
});

/** Node's, which `require` calls. */
interface Loader {
  [LOAD](request: string, ...others: unknown[]): unknown;
}

const LOAD = '_load';

/** As in a process where Jest has taken down the test file that loaded zeromq.js first: its `require` returns nothing. */
function takeDownLoader(): void {
  const loader = Module as unknown as Loader;
  const load = loader[LOAD].bind(loader);
  vi.spyOn(loader, LOAD).mockImplementation((request, ...others) =>
    request === 'events' ? undefined : load(request, ...others),
  );
}

test('events arrive where zeromq.js can no longer load its emitter: in the second test file of Jest', async () => {
  takeDownLoader();
  const router = opened(new Router());
  expect(() => opened(new Dealer()).events.on('bind', () => {})).toThrow(TypeError);
  const bound = new Promise((resolve) => monitor(router).on('bind', resolve));
  await router.bind('tcp://127.0.0.1:*');
  expect(await bound).toMatchObject({ type: 'bind', address: router.lastEndpoint });
});

test('users of the socket can listen to the same events', async () => {
  const router = opened(new Router());
  const heard: string[] = [];
  monitor(router).on('end', () => heard.push('ours'));
  router.events.on('bind', () => heard.push('bind'));
  await router.bind('tcp://127.0.0.1:*');
  const ended = new Promise<void>((resolve) => monitor(router).on('end', () => resolve()));
  router.close();
  await ended;
  expect(heard).toEqual(['bind', 'ours']);
});
