import { describe, expect, test } from 'vitest';
import { readTarget, readTargets } from '../../../lib/nest/options/server-targets.js';

const endpoint = 'tcp://10.0.0.1:5555';

describe('a server', () => {
  test.each([
    [endpoint, { endpoint }],
    [{ endpoint }, { endpoint }],
    [
      { endpoint, zone: 'a', weight: 0.5, priority: 2, dialect: 'guide', name: 'orders.test' },
      { endpoint, zone: 'a', weight: 0.5, priority: 2, dialect: 'guide', name: 'orders.test' },
    ],
    [{ endpoint: 'tcp://bücher.example:1' }, { endpoint: 'tcp://xn--bcher-kva.example:1' }],
  ])('%j is read', (given, target) => {
    expect(readTarget(given)).toEqual({ target });
  });

  test.each([
    [{ endpoint, wight: 1 }, 'no member "wight". The members are endpoint, zone, weight, priority'],
    [
      { endpoint, zone: 3 },
      'its zone must be a string of at least 1 and at most 256 bytes, but is 3',
    ],
    [{ endpoint, zone: '' }, 'bytes, but is ""'],
    [
      { endpoint, zone: 'ä'.repeat(129) },
      'its zone must be a string of at least 1 and at most 256',
    ],
    [
      { endpoint, name: 'x'.repeat(300) },
      'its name must be a string of at least 1 and at most 256 bytes',
    ],
    [{ endpoint, weight: 0 }, 'its weight must be a number from 0.001 to 1000000, but is 0'],
    [{ endpoint, weight: NaN }, 'but is NaN'],
    [{ endpoint, weight: '3' }, 'but is "3"'],
    [{ endpoint, priority: -1 }, 'its priority must be a whole number from 0 to 65535, but is -1'],
    [{ endpoint, priority: 0.5 }, 'but is 0.5'],
    [{ endpoint, dialect: 'basic' }, 'its dialect must be \'guide\' or left out, but is "basic"'],
    [{}, 'an address is text'],
    [5, 'an address is text'],
    ['localhost', 'it must begin with tcp://'],
    [{ endpoint: 'tcp://*:1' }, '"*" is not a host'],
  ])('%j is not', (given, why) => {
    expect(readTarget(given)).toEqual({ wrong: expect.stringContaining(why) });
  });
});

test('a list is read, each address once, as it was given first', () => {
  const other = { endpoint: 'ipc:///tmp/x', zone: 'b' };
  expect(readTargets('Client', [{ endpoint, zone: 'a' }, other, endpoint])).toEqual([
    { endpoint, zone: 'a' },
    other,
  ]);
});

test.each([
  [[], 'Client: endpoints must name at least one address, but is an empty list.'],
  [
    [endpoint, { endpoint, weight: -1 }],
    'Client: endpoints must be an address like tcp://10.0.0.1:5555, but is an object: its weight must',
  ],
])('%j is a wrong option', (given, message) => {
  expect(() => readTargets('Client', given)).toThrow(message);
});
