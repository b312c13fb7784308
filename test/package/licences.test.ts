import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), 'utf8');

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

interface Locked extends Manifest {
  readonly license?: string;
}

const manifest = JSON.parse(text('package.json')) as Manifest;
const { packages } = JSON.parse(text('package-lock.json')) as {
  packages: Readonly<Record<string, Locked>>;
};

/** Where Node finds a package from within another one. */
function pathOf(name: string, from: string): string {
  const own = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  return own in packages || from === ''
    ? own
    : pathOf(name, from.replace(/\/?node_modules\/(@[^/]+\/)?[^/]+$/, ''));
}

/** What is installed with these packages, by its path in the lock file. */
function installed(names: readonly string[], from = '', found = new Set<string>()): Set<string> {
  for (const name of names) {
    const path = pathOf(name, from);
    if (found.has(path)) continue;
    found.add(path);
    installed(Object.keys(packages[path]?.dependencies ?? {}), path, found);
  }
  return found;
}

/** The licence of each package that the page names in its section "Licences". */
function licencesOnPage(): Map<string, string> {
  const [, section = ''] = text('docs/dependencies.md').split(/^## Licences$/m);
  const [rows = ''] = section.split(/^## /m);
  const lines = [...rows.matchAll(/^\| (`[^|]*`) *\| ([^|]*[^|\s]) *\|/gm)];
  return new Map(
    lines.flatMap(([, names = '', licence = '']) =>
      [...names.matchAll(/`([^`]+)`/g)].map(([, name = '']) => [name, licence] as const),
    ),
  );
}

const atRunTime = installed(Object.keys(manifest.dependencies ?? {}));
const peers = Object.keys(manifest.peerDependencies ?? {}).map((name) => pathOf(name, ''));

test('docs/dependencies.md names the licence of every package that is installed at run time, and of every peer', () => {
  const licences = new Map(
    [...atRunTime, ...peers].map((path) => [
      path.replace(/^.*node_modules\//, ''),
      packages[path]?.license,
    ]),
  );
  expect(Object.fromEntries(licencesOnPage())).toEqual(Object.fromEntries(licences));
});

test('the package zeromq says of libzmq what docs/dependencies.md says', () => {
  const notice = text('node_modules/zeromq/LICENSE_MPL-2.0.txt');
  expect(notice).toMatch(/libzmq.* MPL-2\.0/);
  expect(notice).toContain('https://github.com/zeromq/libzmq');
});

test('what is installed at run time may be used in any application: no licence asks for the source of what uses it', () => {
  const permissive = new Set(['MIT', 'ISC', 'MIT AND MPL-2.0']);
  const others = [...atRunTime].filter((path) => !permissive.has(packages[path]?.license ?? ''));
  expect(others).toEqual([]);
});
