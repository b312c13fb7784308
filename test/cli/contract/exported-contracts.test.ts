import { describe, expect, test } from 'vitest';
import {
  chosenContracts,
  exportedContracts,
} from '../../../lib/cli/contract/exported-contracts.js';
import { contract } from '../../../lib/contract/contract.js';

const orders = contract('orders', {});
const billing = contract('billing', {});

/** The contracts of a module, each as its export's name and its own. */
function found(exports: Readonly<Record<string, unknown>>): string[] {
  return exportedContracts(exports, 'x.js').map(
    ({ exportName, contract: { name } }) => `${exportName}: ${name}`,
  );
}

describe('the contracts of a module', () => {
  test('are all that it exports, in the order of the names', () => {
    expect(found({ orders, billing, other: 1, none: null })).toEqual([
      'billing: billing',
      'orders: orders',
    ]);
  });

  test('are those of CommonJS, too, of which Node may see the whole alone', () => {
    const exports = { orders, billing };
    expect(found({ default: exports })).toEqual(['billing: billing', 'orders: orders']);
    expect(found({ default: exports, 'module.exports': exports, orders })).toEqual([
      'billing: billing',
      'orders: orders',
    ]);
  });

  test('count once each, by their names if they have one', () => {
    expect(found({ default: orders, alias: orders })).toEqual(['alias: orders']);
    expect(found({ default: orders })).toEqual(['default: orders']);
  });

  test.each([
    [{}, 'It exports nothing.'],
    [{ default: undefined, a: 1, b: { name: 'orders' } }, 'It exports a, b, default.'],
    [{ a: 1, default: { a: 1 } }, 'It exports a, default.'],
  ])('are missing: the error says what there is instead', (exports, what) => {
    expect(() => exportedContracts(exports, 'x.js')).toThrow(`x.js exports no contract. ${what}`);
  });
});

describe('the choice among them', () => {
  const all = exportedContracts({ billing, orders }, 'x.js');

  test('is all, or those that are named, in their order', () => {
    expect(chosenContracts(all, [], 'x.js')).toEqual([billing, orders]);
    expect(chosenContracts(all, ['orders'], 'x.js')).toEqual([orders]);
    expect(chosenContracts(all, ['orders', 'billing'], 'x.js')).toEqual([billing, orders]);
  });

  test('names an export that there is not, and those that there are', () => {
    expect(() => chosenContracts(all, ['order'], 'x.js')).toThrow(
      '--export order: x.js exports no contract of that name, but billing, orders',
    );
  });

  test('cannot be of two contracts with one name', () => {
    const both = exportedContracts({ orders, v2: contract('orders', {}) }, 'x.js');
    expect(() => chosenContracts(both, [], 'x.js')).toThrow(
      'x.js exports two contracts with the name orders, as orders and as v2: choose one by --export',
    );
    expect(chosenContracts(both, ['v2'], 'x.js')).toHaveLength(1);
  });
});
