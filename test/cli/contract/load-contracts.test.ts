import { describe, expect, test } from 'vitest';
import { loadContracts } from '../../../lib/cli/contract/load-contracts.js';
import { FakeIo } from '../../support/cli-io.js';
import { Folder } from './folder.js';

const ORDERS = '{ name: "orders", entries: {}, patterns: {} }';

describe('loading contracts', () => {
  test('gives those that are wanted, all that there are, and the version of their package', async () => {
    using root = new Folder({
      'package.json': '{"version":"1.2.3"}',
      'x.mjs': `export const orders = ${ORDERS}; export const more = { ...orders, name: "more" };`,
    });
    const loaded = await loadContracts('x.mjs', new FakeIo(), {
      names: ['orders'],
      cwd: root.path,
    });
    expect(loaded).toMatchObject({ contracts: [{ name: 'orders' }], version: '1.2.3' });
    expect(loaded.all.map(({ name }) => name)).toEqual(['more', 'orders']);
  });

  test('ends with an error if the file awaits for ever', async () => {
    using root = new Folder({ 'hangs.mjs': 'await new Promise(() => {});' });
    await expect(
      loadContracts('hangs.mjs', new FakeIo(), { cwd: root.path, timeout: 10 }),
    ).rejects.toThrow('hangs.mjs cannot be loaded: it has not finished after 0.01 s.');
  });

  test('ends if it is interrupted meanwhile', async () => {
    using root = new Folder({ 'hangs.mjs': 'await new Promise(() => {});' });
    const io = new FakeIo();
    const loading = loadContracts('hangs.mjs', io, { cwd: root.path });
    io.interrupt('SIGINT');
    await expect(loading).rejects.toThrow('hangs.mjs cannot be loaded');
  });

  test('leaves standard output as it was', async () => {
    using root = new Folder({ 'throws.mjs': 'throw "no";' });
    const writer = (): unknown => Reflect.get(process.stdout, 'write');
    const before = writer();
    await expect(loadContracts('throws.mjs', new FakeIo(), { cwd: root.path })).rejects.toThrow(
      'throws.mjs cannot be loaded: it throws no',
    );
    expect(writer()).toBe(before);
  });
});
