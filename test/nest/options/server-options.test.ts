import {
  FreelanceError,
  type FreelanceServerOptions,
  FreelanceTransportServer,
} from 'nestjs-freelance';
import { expect, test } from 'vitest';
import { resolveServerOptions } from '../../../lib/nest/options/server-options.js';

test.each([
  ['nothing', undefined, 'options must be an object'],
  ['no address', {}, 'bind must be an address like tcp://0.0.0.0:5555, but is undefined'],
  ['a number', { bind: 5555 }, 'but is 5555'],
  ['an address without a port', { bind: 'tcp://0.0.0.0' }, 'but is "tcp://0.0.0.0"'],
  ['an empty list', { bind: [] }, 'bind must name at least one address'],
  [
    'an empty id',
    { bind: 'tcp://*:*', serverId: '' },
    'serverId must be a string of at least 1 and at most 256 bytes',
  ],
  ['no place', { bind: 'tcp://*:*', maxConcurrency: 0 }, 'maxConcurrency must be a whole number'],
  [
    'half a place to wait',
    { bind: 'tcp://*:*', maxQueue: 0.5 },
    'maxQueue must be a whole number, at least 0 and at most 1000000, but is 0.5',
  ],
  ['no wait', { bind: 'tcp://*:*', maxQueueWait: 0 }, 'maxQueueWait must be a number, at least 1'],
  [
    'a drain without end',
    { bind: 'tcp://*:*', drainTimeout: Infinity },
    'drainTimeout must be a number, at least 0 and at most 3600000, but is Infinity',
  ],
  [
    'a window in the past',
    { bind: 'tcp://*:*', replayWindow: -1 },
    'replayWindow must be a number, at least 0',
  ],
  ['an unknown option', { bind: 'tcp://*:*', port: 1 }, 'there is no option "port"'],
])('refuses %s, saying what is wrong', (_what, options, message) => {
  const make = () => new FreelanceTransportServer(options as FreelanceServerOptions);
  expect(make).toThrow(FreelanceError);
  expect(make).toThrow(`FreelanceTransportServer: `);
  expect(make).toThrow(message);
});

test.each(['tcp://*:5555', 'tcp://127.0.0.1:*', 'tcp://eth0:5555', 'ipc:///tmp/a', 'inproc://a'])(
  'binds %s',
  (bind) => {
    expect(resolveServerOptions({ bind }).bind).toEqual([bind]);
  },
);

test('a server without an id has one that tells its process', () => {
  expect(resolveServerOptions({ bind: 'tcp://*:*' }).agent.serverId).toContain(String(process.pid));
});

test('the defaults are those that the docs tell', () => {
  expect(resolveServerOptions({ bind: 'tcp://*:*' })).toMatchObject({
    agent: {
      maxConcurrency: 1024,
      maxConcurrencyPerClient: 896,
      maxClients: 10_000,
      maxConnections: 8750,
      maxQueue: 1024,
      maxQueueWait: 100,
      replayWindow: 0,
      maxMessageSize: 16_777_216,
    },
    drainTimeout: 10_000,
  });
});
