import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const root = new URL('../../', import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), 'utf8');
const manifest = JSON.parse(text('package.json')) as {
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
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

test('it depends on ZeroMQ, and nothing else', () => {
  expect(Object.keys(manifest.dependencies)).toEqual(['zeromq']);
});

test('it is published with provenance only', () => {
  expect(manifest.publishConfig).toEqual({ access: 'public', provenance: true });
  const workflow = text('.github/workflows/publish.yml');
  expect(workflow).toContain('id-token: write');
  expect(workflow).toContain('npm publish --provenance');
  expect(workflow).not.toContain('secrets.');
});

test('workflows use actions of which nobody can change what they are', () => {
  const folder = new URL('.github/workflows/', root);
  const used = readdirSync(folder).flatMap((file) =>
    [...text(`.github/workflows/${file}`).matchAll(/uses: (\S+)/g)].map(([, action]) => action),
  );
  expect(used.length).toBeGreaterThan(0);
  expect(used.filter((action) => !/^actions\/[\w-]+@[0-9a-f]{40}$/.test(action ?? ''))).toEqual([]);
});
