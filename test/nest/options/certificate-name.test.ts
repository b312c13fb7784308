import { expect, test } from 'vitest';
import { certificateNameOf } from '../../../lib/nest/options/certificate-name.js';

test.each([
  [{ endpoint: 'tls://10.0.0.1:5555', name: 'orders.shop.svc' }, 'orders.shop.svc'],
  [{ endpoint: 'tls://[fd00::1]:5555', name: 'orders.shop.svc' }, 'orders.shop.svc'],
  // A host name stands for itself.
  [{ endpoint: 'tls://pod-1.orders:5555', name: 'orders.shop.svc' }, undefined],
  // A name for people alone.
  [{ endpoint: 'tls://10.0.0.1:5555', name: 'the blue one' }, undefined],
  [{ endpoint: 'tls://10.0.0.1:5555' }, undefined],
  [{ endpoint: 'tcp://10.0.0.1:5555', name: 'orders.shop.svc' }, undefined],
])('%j', (target, name) => {
  expect(certificateNameOf(target)).toBe(name);
});
