import { expect, test } from 'vitest';
import { describeExposure } from '../../../lib/nest/server/exposure.js';

const OPEN = 'tcp://0.0.0.0:5555';

test.each([
  'tcp://127.0.0.1:1',
  'tcp://127.1.2.3:1',
  'tcp://localhost:1',
  'tcp://lo:1',
  'tcp://[::1]:1',
  'tls://127.0.0.1:1',
  'ipc:///tmp/a',
  'inproc://a',
])('%s is reachable from this machine only, and causes no warning', (endpoint) => {
  expect(describeExposure([endpoint], undefined)).toBeUndefined();
  expect(describeExposure([endpoint], 'plain')).toBeUndefined();
});

test.each([OPEN, 'tcp://10.0.0.1:1', 'tcp://local:1', 'tcp://[::]:1', 'tcp://localhost.example:1'])(
  '%s can be reached by others: without encryption that is said, of it alone',
  (endpoint) => {
    const endpoints = ['tcp://127.0.0.1:1', endpoint];
    expect(describeExposure(endpoints, undefined)).toMatch(/^(?!.*127\.0\.0\.1:1).*no security/);
    expect(describeExposure(endpoints, 'plain')).toMatch(/^(?!.*127\.0\.0\.1:1).*PLAIN encrypts/);
    expect(describeExposure(endpoints, 'curve')).toBeUndefined();
  },
);
