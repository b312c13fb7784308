import { expect, test } from 'vitest';
import { tcpAddress, tcpAddressOf } from '../../lib/tcp-address.js';

test.each([
  ['tcp://10.0.0.1:5555', { scheme: 'tcp', host: '10.0.0.1', port: 5555 }],
  ['tls://orders.shop.svc:443', { scheme: 'tls', host: 'orders.shop.svc', port: 443 }],
  ['tcp://[::1]:5555', { scheme: 'tcp', host: '::1', port: 5555 }],
  ['tcp://[fe80::1%eth0]:*', { scheme: 'tcp', host: 'fe80::1%eth0', port: 0 }],
  ['tcp://*:*', { scheme: 'tcp', host: '*', port: 0 }],
])('%s is taken apart', (address, parts) => {
  expect(tcpAddressOf(address)).toEqual(parts);
});

test.each(['ipc:///run/math', 'inproc://math', 'udp://10.0.0.1:5555', 'tcp://10.0.0.1', ''])(
  '%s has no host and port',
  (address) => {
    expect(tcpAddressOf(address)).toBeUndefined();
  },
);

test.each(['tcp://10.0.0.1:5555', 'tls://[fd00::1]:443', 'tcp://orders:1'])(
  '%s is put together again',
  (address) => {
    const { scheme, host, port } = tcpAddressOf(address) ?? { scheme: '', host: '', port: 0 };
    expect(tcpAddress(scheme, host, port)).toBe(address);
  },
);
