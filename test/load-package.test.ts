import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { loadPackage } from '../lib/load-package.js';

const failing = (message: string, code: string) => () =>
  Promise.reject(Object.assign(new TypeError(message), { code }));
const withoutImport = failing(
  'A dynamic import callback was invoked without a flag',
  'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG',
);

test('what can be imported is', async () => {
  const loaded = { default: {} };
  expect(await loadPackage(() => Promise.resolve(loaded), 'rxjs')).toBe(loaded);
});

test('where nothing can be imported, the package is required, and has the same names', async () => {
  const loaded = await loadPackage<typeof import('zeromq')>(withoutImport, 'zeromq');
  expect(loaded.Dealer).toBeTypeOf('function');
  expect(loaded).toHaveProperty('default.Dealer', loaded.Dealer);
});

test("the same where vitest's vmThreads import for CommonJS: they take its path for a URL", async () => {
  const load = failing('Invalid URL', 'ERR_INVALID_URL');
  const loaded = await loadPackage<typeof import('zeromq')>(load, 'zeromq');
  expect(loaded.Dealer).toBeTypeOf('function');
});

test('what is required is the default, as for import() of CommonJS, also if it has one of its own', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nestjs-freelance-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'package.cjs');
  await writeFile(file, 'exports.default = 1; exports.name = 2;');
  const loaded = await loadPackage<object>(withoutImport, file);
  expect(loaded).toEqual({ default: { default: 1, name: 2 }, name: 2 });
});

test('any other failure is told as it is', async () => {
  const failure = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  await expect(loadPackage(() => Promise.reject(failure), 'zeromq')).rejects.toBe(failure);
});
