import { expect, test } from 'vitest';
import { serverAddress } from '../../lib/opentelemetry/server-address.js';

test.each<[endpoint: string, address: string, port?: number]>([
  ['tcp://10.0.0.1:5555', '10.0.0.1', 5555],
  ['tcp://orders.shop.svc:1', 'orders.shop.svc', 1],
  ['tls://orders.example:65535', 'orders.example', 65_535],
  ['tcp://[::1]:5555', '::1', 5555],
  ['tls://[fe80::1%eth0]:5555', 'fe80::1%eth0', 5555],
  ['ipc:///run/math', '/run/math'],
  ['ipc://@math:5555', '@math:5555'],
  ['inproc://math', 'math'],
  ['inproc://math:1', 'math:1'],
])('%s', (endpoint, address, port) => {
  const expected = {
    'server.address': address,
    ...(port !== undefined && { 'server.port': port }),
  };
  expect(serverAddress(endpoint)).toEqual(expected);
  // The second time it is remembered.
  expect(serverAddress(endpoint)).toEqual(expected);
});
