import { expect, test } from 'vitest';
import { errorCode } from '../../lib/sockets/error-code.js';
import { hostOf } from '../../lib/sockets/address.js';

test.each([
  ['tcp://localhost:5555', 'localhost'],
  ['tcp://10.0.0.1:*', '10.0.0.1'],
  ['tcp://[::1]:5555', '::1'],
  ['tcp://[fe80::1%eth0]:*', 'fe80::1%eth0'],
  ['tcp://*:5555', '*'],
])('the host of %s is %s', (address, host) => {
  expect(hostOf(address)).toBe(host);
});

test('an error has the code that Node gave it, if any', () => {
  expect(errorCode(Object.assign(new Error('x'), { code: 'EACCES' }))).toBe('EACCES');
  expect(errorCode(new Error('x'))).toBeUndefined();
  expect(errorCode({ code: 'EACCES' })).toBeUndefined();
  expect(errorCode(undefined)).toBeUndefined();
});
