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
  [
    'an empty identity',
    { bind: 'tcp://*:*', guideIdentity: '' },
    'guideIdentity must be the address that clients of the guide connect to, like tcp://10.0.0.1:5555: a string of at ' +
      'least 1 and at most 255 bytes that does not begin with a zero byte, but is ""',
  ],
  [
    'an identity of 256 bytes',
    { bind: 'tcp://*:*', guideIdentity: `tcp://${'ä'.repeat(125)}` },
    'at most 255 bytes',
  ],
  ['an identity of ZeroMQ', { bind: 'tcp://*:*', guideIdentity: '\0tcp' }, 'but is "\\u0000tcp"'],
  ['half a character', { bind: 'tcp://*:*', guideIdentity: '\ud800' }, 'guideIdentity must be'],
  ['an identity in bytes', { bind: 'tcp://*:*', guideIdentity: Buffer.from('x') }, 'but is'],
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

test.each(['tcp://10.0.0.1:5555', 'x', 'ä'.repeat(127)])(
  'clients of the guide may know it as %s, which need not be what it binds',
  (guideIdentity) => {
    const options = { bind: 'tcp://*:*', guideIdentity };
    expect(resolveServerOptions(options).guideIdentity).toBe(guideIdentity);
  },
);

test('a server without an id gets one with its host and process', () => {
  expect(resolveServerOptions({ bind: 'tcp://*:*' }).agent.serverId).toContain(String(process.pid));
});

test('the defaults are the documented ones', () => {
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
