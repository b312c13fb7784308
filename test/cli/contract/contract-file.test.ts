import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { contractFile } from '../../../lib/cli/contract/contract-file.js';
import { Folder } from './folder.js';

const MANIFESTS = {
  cjs: { main: './main.js' },
  both: { exports: { '.': { import: './main.mjs', require: './main.js' } } },
  esm: {
    exports: {
      types: './main.d.ts',
      browser: './other.js',
      node: { import: './main.js' },
    },
  },
  subpaths: { exports: { '.': './main.js', './orders': { import: { default: './main.js' } } } },
};

function folder() {
  const files = Object.entries(MANIFESTS).flatMap(([name, manifest]) => [
    [`node_modules/@acme/${name}/package.json`, JSON.stringify(manifest)],
    [`node_modules/@acme/${name}/main.js`, ''],
  ]);
  return new Folder({
    ...(Object.fromEntries(files) as Record<string, string>),
    'a.js': '',
    'b c/d.mjs': '',
    bare: '',
  });
}

describe('the file of contracts', () => {
  test.each([
    ['a.js', 'a.js'],
    ['./a.js', 'a.js'],
    ['b c/d.mjs', 'b c/d.mjs'],
    ['b c/../a.js', 'a.js'],
    ['bare', 'bare'],
  ])('is a path, relative to the directory: %s', (given, path) => {
    using root = folder();
    expect(contractFile(given, root.path)).toBe(root.of(path));
  });

  test('is an absolute path, or a URL of a file', () => {
    using root = folder();
    expect(contractFile(root.of('a.js'), '/')).toBe(root.of('a.js'));
    const url = pathToFileURL(root.of('b c/d.mjs')).href;
    expect(contractFile(url, '/')).toBe(root.of('b c/d.mjs'));
  });

  test.each(['@acme/cjs', '@acme/both', '@acme/esm', '@acme/subpaths/orders'])(
    'is that of a package, which need not know require: %s',
    (given) => {
      using root = folder();
      const [, name = ''] = given.split('/');
      const path = root.of(`node_modules/@acme/${name}/main.js`);
      // From a folder below, as a package of a workspace has its dependencies above.
      expect(contractFile(given, root.of('b c'))).toBe(path);
    },
  );

  test.each(['none.js', './none', '/none', 'b c\\none', 'none.mts', 'file:///none.js'])(
    'is not there: %s',
    (given) => {
      using root = folder();
      expect(() => contractFile(given, root.path)).toThrow(
        `${given}: there is no such file in ${root.path}`,
      );
    },
  );

  test.each(['@acme/none', '@acme/subpaths/none', '@acme/esm/none', 'fs', 'none'])(
    'is of no package: %s',
    (given) => {
      using root = folder();
      expect(() => contractFile(given, root.path)).toThrow(
        `${given}: there is no such file in ${root.path}, and no such package`,
      );
    },
  );

  test('is no directory, and no URL of another machine', () => {
    using root = folder();
    expect(() => contractFile('b c', root.path)).toThrow('b c is a directory');
    expect(() => contractFile('file://other/%2Fa.js', root.path)).toThrow(
      'is no URL of a file on this machine',
    );
  });
});
