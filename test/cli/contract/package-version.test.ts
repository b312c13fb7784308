import { expect, test } from 'vitest';
import { packageVersion } from '../../../lib/cli/contract/package-version.js';
import { Folder } from './folder.js';

test('the version of a file is that of its package, whatever manifests without a version say', () => {
  using root = new Folder({
    'package.json': '{"version":"1.0.0"}',
    'inner/package.json': '{"version":"2.0.0-rc.1"}',
    'inner/dist/cjs/package.json': '{"type":"commonjs"}',
    'broken/package.json': '{',
    'odd/package.json': '{"version":7}',
  });
  expect(packageVersion(root.of('a.js'))).toBe('1.0.0');
  expect(packageVersion(root.of('inner/dist/cjs/a.js'))).toBe('2.0.0-rc.1');
  expect(packageVersion(root.of('broken/a.js'))).toBe('1.0.0');
  expect(packageVersion(root.of('odd/a.js'))).toBe('1.0.0');
});

test('the version of a file without a package is 0.0.0', () => {
  using root = new Folder({});
  expect(packageVersion(root.of('a.js'))).toBe('0.0.0');
});
