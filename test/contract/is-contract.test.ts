import { describe, expect, test } from 'vitest';
import { contract } from '../../lib/contract/contract.js';
import { event, rpc, stream } from '../../lib/contract/entries.js';
import { isContract } from '../../lib/contract/is-contract.js';

const orders = contract('orders', {
  place: rpc<string, string>({ pattern: { cmd: 'place' } }),
  list: stream<string, string>(),
  cancelled: event<string>(),
});

describe('a contract', () => {
  test('is recognized, also without entries', () => {
    expect(isContract(orders)).toBe(true);
    expect(isContract(contract('empty', {}))).toBe(true);
  });

  test('is recognized if another copy of the package has made it: it has no class', () => {
    expect(isContract(structuredClone(orders))).toBe(true);
  });

  test.each([
    undefined,
    null,
    'orders',
    () => orders,
    {},
    { name: 'orders' },
    { name: 'orders', entries: {} },
    { ...orders, name: 1 },
    { ...orders, patterns: {} },
    { ...orders, patterns: { ...orders.patterns, list: 1 } },
    { ...orders, entries: { place: { kind: 'call', options: {} } } },
    { ...orders, entries: { place: { kind: 'rpc' } } },
    { ...orders, entries: { place: null } },
  ])('is not %j', (value) => {
    expect(isContract(value)).toBe(false);
  });

  test('is not what cannot be read', () => {
    const get = () => {
      throw new Error('there is no such variable');
    };
    expect(isContract(new Proxy({}, { get }))).toBe(false);
    expect(isContract({ ...orders, entries: new Proxy({}, { ownKeys: get }) })).toBe(false);
  });
});
