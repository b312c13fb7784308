import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), 'utf8');
const manifest = JSON.parse(text('package.json')) as {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  peerDependencies: Record<string, string>;
  overrides: Record<string, string>;
  publishConfig: object;
};

test('nothing of this package runs when it is installed', () => {
  const onInstall = new Set([
    'preinstall',
    'install',
    'postinstall',
    'prepare',
    'preprepare',
    'postprepare',
  ]);
  expect(Object.keys(manifest.scripts).filter((name) => onInstall.has(name))).toEqual([]);
});

test('it depends on ZeroMQ, libsodium and a parser of command lines, and nothing else', () => {
  expect(Object.keys(manifest.dependencies)).toEqual(['commander', 'libsodium-wrappers', 'zeromq']);
});

test.each(['newest', 'oldest'])('test:nest-11 has what it depends on, too: the %s', (which) => {
  const { dependencies } = JSON.parse(
    text(`test/nest-11/${which}/package.json`),
  ) as typeof manifest;
  expect(dependencies).toMatchObject(manifest.dependencies);
});

test('docs/dependencies.md says of every package what it is for', () => {
  const page = text('docs/dependencies.md');
  const benchmark = JSON.parse(text('benchmark/package.json')) as typeof manifest;
  const { dependencies, devDependencies, peerDependencies, overrides } = manifest;
  const all = [dependencies, devDependencies, peerDependencies, overrides, benchmark.dependencies];
  const names = new Set(all.flatMap((some) => Object.keys(some)));
  names.delete('nestjs-freelance');
  expect([...names].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test('every package supports the oldest Node that this one does', () => {
  const { packages } = JSON.parse(text('package-lock.json')) as {
    packages: Record<string, { engines?: { node?: string } }>;
  };
  // "20.19", "^20.19.0 || >=22", ">= 18": one of the ranges has to start at 20.19 or before it.
  const startsLater = (range: string) => {
    const [, major = 0, minor = 0] = /(\d+)(?:\.(\d+))?/.exec(range)?.map(Number) ?? [];
    return major > 20 || (major === 20 && minor > 19);
  };
  const tooNew = Object.entries(packages).filter(([, { engines }]) =>
    (engines?.node ?? '*').split('||').every(startsLater),
  );
  expect(tooNew.map(([path]) => path)).toEqual([]);
});

test('it is published with provenance only', () => {
  expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true });
  const workflow = text('.github/workflows/publish.yml');
  expect(workflow).toContain('id-token: write');
  expect(workflow).toMatch(/npm publish .*--provenance/);
  expect(workflow).not.toContain('secrets.');
});

/** The jobs of a workflow, by name. */
function jobsOf(workflow: string): Map<string, string> {
  const [, jobs = ''] = workflow.split(/^jobs:$/m);
  const parts = jobs.split(/^ {2}(\w+):$/m).slice(1);
  return new Map(
    parts.flatMap((name, at) => (at % 2 === 0 ? [[name, parts[at + 1] ?? ''] as const] : [])),
  );
}

test('who may publish runs nothing but npm, and publishes what the other job has built', () => {
  const workflow = text('.github/workflows/publish.yml');
  const jobs = jobsOf(workflow);
  expect([...jobs.keys()]).toEqual(['build', 'publish']);
  expect(workflow.split(/^jobs:$/m)[0]).not.toContain('write');
  const [build = '', publish = ''] = jobs.values();
  expect(build).not.toContain('permissions');
  expect(build).toContain('.ci/run');
  // Readers on npm find the repository that it is from, and where to report a fault.
  for (const named of ['repository.url', 'homepage', 'bugs.url']) expect(build).toContain(named);
  expect(publish).toContain('permissions:\n      id-token: write\n');
  expect(publish.match(/: write/g)).toHaveLength(1);
  const run = [...publish.matchAll(/^ *- run: (.+)$/gm)].map(([, command]) => command);
  expect(run).toEqual([
    'echo "$SHA256  package.tgz" | sha256sum --check --strict',
    'npm publish ./package.tgz --provenance --access public --ignore-scripts',
  ]);
  const used = [...publish.matchAll(/uses: ([\w/-]+)@/g)].map(([, action]) => action);
  expect(used).toEqual(['actions/setup-node', 'actions/download-artifact']);
});

test('workflows use actions of which nobody can change what they are', () => {
  const folder = new URL('.github/workflows/', root);
  const used = readdirSync(folder).flatMap((file) =>
    [...text(`.github/workflows/${file}`).matchAll(/uses: (\S+)/g)].map(([, action]) => action),
  );
  expect(used.length).toBeGreaterThan(0);
  expect(used.filter((action) => !/^actions\/[\w-]+@[0-9a-f]{40}$/.test(action ?? ''))).toEqual([]);
});
