import { describe, expect, test } from 'vitest';
import { FreelanceClientProxy } from '../../../lib/index.js';
import { resolveClientOptions } from '../../../lib/nest/options/client-options.js';
import { FakeDiscovery } from '../../support/fake-discovery.js';

const KEYS = {
  publicKey: 'Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID',
  secretKey: 'D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs',
};

test('a discovery takes the place of the list', () => {
  const discovery = new FakeDiscovery();
  const { agent, discovery: read } = resolveClientOptions({ endpoints: discovery });
  expect(read).toBe(discovery);
  expect(agent.targets).toEqual([]);
});

describe('what is no discovery', () => {
  test.each<[string, unknown, string]>([
    ['no name', { watch() {} }, 'whose name must be text for logs and errors, but is undefined'],
    ['an empty name', { name: '', watch() {} }, 'whose name must be text'],
    ['a list of one', [new FakeDiscovery()], 'a discovery stands alone, not in a list'],
    ['a watch that is no function', { name: 'a', watch: [] }, 'it has no member "watch"'],
  ])('%s', (_what, endpoints, message) => {
    expect(() => new FreelanceClientProxy({ endpoints: endpoints as string })).toThrow(message);
  });
});

describe('CURVE keys are checked before there is a server', () => {
  const given = (serverKey: unknown) => ({
    endpoints: new FakeDiscovery(),
    security: { mechanism: 'curve' as const, ...KEYS, serverKey: serverKey as string },
  });

  test.each(['short', { 'tcp://10.0.0.1:5555': 'short' }])('%j', (serverKey) => {
    expect(() => new FreelanceClientProxy(given(serverKey))).toThrow(
      'must be a key of 40 characters',
    );
  });

  test.each([KEYS.publicKey, { 'tcp://bücher.example:5555': KEYS.publicKey }])(
    '%j',
    (serverKey) => {
      expect(() => new FreelanceClientProxy(given(serverKey))).not.toThrow();
    },
  );
});
