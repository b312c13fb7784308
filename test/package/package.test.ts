import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CurveKeyPair, isCurveKeyPair } from '../../lib/security/curve-keys.js';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a user has to install beside it. */
const INSTALLED = ['commander', 'zeromq', '@nestjs', 'rxjs', 'reflect-metadata'];

let project: string;
let installed: string;
let files: string[];

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'nestjs-freelance-'));
  installed = join(project, 'node_modules', 'nestjs-freelance');
  await mkdir(installed, { recursive: true });
  // The build is there already; a second one would pull it from under other tests.
  await run('npm', ['pack', '--ignore-scripts', '--pack-destination', project], { cwd: root });
  const tarball = (await readdir(project)).find((file) => file.endsWith('.tgz'));
  await run('tar', ['-xzf', join(project, tarball ?? ''), '--strip-components=1', '-C', installed]);
  files = (await readdir(installed, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(installed.length + 1));
  for (const name of INSTALLED) {
    await symlink(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
});

afterAll(async () => rm(project, { recursive: true }));

test('the package holds both builds, with types and source maps, the source they point to, and the papers', () => {
  for (const build of ['esm', 'cjs']) {
    for (const ending of ['js', 'js.map', 'd.ts', 'd.ts.map']) {
      expect(files).toContain(`dist/${build}/index.${ending}`);
    }
  }
  expect(files).toEqual(
    expect.arrayContaining(['README.md', 'LICENSE', 'CHANGELOG.md', 'PROTOCOL.md']),
  );
});

test('it holds every page that its doc comments name', async () => {
  const sources = await Promise.all(
    files
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFile(join(installed, file), 'utf8')),
  );
  const pages = new Set(sources.flatMap((source) => source.match(/\bdocs\/[\w-]+\.md\b/g) ?? []));
  expect(files).toEqual(expect.arrayContaining([...pages, 'docs/engines.md']));
});

/** Where a page links to, or shows a picture from; not what blocks and spans of code say. */
function linksOf(page: string): string[] {
  const text = page.replace(/^```[\s\S]*?^```$/gm, '').replace(/`[^`\n]*`/g, '');
  const links = text.matchAll(/\]\(([^)\s]+)|^\[[^\]]+\]: (\S+)|\b(?:src|srcset|href)="([^"]+)"/gm);
  return Array.from(links, ([, inline, below, html]) => inline ?? below ?? html ?? '');
}

// What the package does not hold (test/, sample/, docs/api) its pages name as a path in the repository, without a link.
test('every page in it links only to what it holds', async () => {
  const folders = files.flatMap((file) => {
    const parts = dirname(file).split('/');
    return parts.map((_, index) => parts.slice(0, index + 1).join('/'));
  });
  const held = new Set([...files, ...folders]);
  const pages = files.filter((file) => file.endsWith('.md'));
  expect(pages.length).toBeGreaterThan(20);
  const broken: string[] = [];
  let checked = 0;
  for (const page of pages) {
    for (const link of linksOf(await readFile(join(installed, page), 'utf8'))) {
      const [path = ''] = link.split('#', 1);
      if (path === '' || /^[a-z]+:/.test(path)) continue;
      checked++;
      if (!held.has(join(dirname(page), path).replace(/\/$/, ''))) broken.push(`${page}: ${link}`);
    }
  }
  expect(broken).toEqual([]);
  expect(checked).toBeGreaterThan(100);
});

test('it holds nothing else: no tests, no generated reference', () => {
  const papers = new Set([
    'package.json',
    'README.md',
    'LICENSE',
    'ARCHITECTURE.md',
    'CHANGELOG.md',
    'PROTOCOL.md',
    'SECURITY.md',
    'benchmark/README.md',
    'benchmark/results/table.md',
  ]);
  const isPicture =
    /^((docs\/scale|docs\/failover|docs\/badges|benchmark\/results)\/[\w-]+\.svg|docs\/[\w-]+\.png)$/;
  const known = [
    /^(dist|lib)\//,
    /^protocol\/[\w.-]+\.(json|md)$/,
    /^docs\/[\w-]+\.md$/,
    /^docs\/grafana\/[\w-]+\.json$/,
    isPicture,
  ];
  const others = files.filter(
    (file) => !papers.has(file) && !known.some((kind) => kind.test(file)),
  );
  expect(others).toEqual([]);
  expect(files.filter((file) => /(^|\/)tests?\//.test(file))).toEqual([]);
});

test('every source map points to a file of the package', async () => {
  const maps = files.filter((file) => file.endsWith('.js.map'));
  expect(maps.length).toBeGreaterThan(50);
  for (const map of maps) {
    const { sources } = JSON.parse(await readFile(join(installed, map), 'utf8')) as {
      sources: string[];
    };
    for (const source of sources) expect(files).toContain(join(dirname(map), source));
  }
});

const USE = `
  const { FreelanceClientProxy, FreelanceTransportServer, FreelanceError } = freelance;
  const server = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*' });
  server.listen((error) => {
    if (error) throw error;
    const client = new FreelanceClientProxy({ endpoints: server.endpoints });
    client.send('nobody', {}).subscribe({
      error: (answer) => {
        console.log(answer, answer instanceof FreelanceError);
        client.close();
        server.close();
      },
    });
  });
`;

test.each([
  ['commonjs', `const freelance = require('nestjs-freelance'); ${USE}`],
  ['module', `import * as freelance from 'nestjs-freelance'; ${USE}`],
])('works for a user whose code is of the type %s', async (type, code) => {
  const { stdout, stderr } = await run('node', [`--input-type=${type}`, '-e', code], {
    cwd: project,
  });
  expect(stdout).toContain(
    'There is no matching message handler defined in the remote service. false',
  );
  expect(stderr).not.toMatch(/warn/i);
});

/** A thread with sockets that ends before they have takes its process down: zeromq.js aborts. */
const THREAD = `
  const { once } = require('node:events');
  const { Worker, isMainThread } = require('node:worker_threads');
  const freelance = require('nestjs-freelance');
  if (isMainThread) {
    const ended = (worker) => once(worker, 'exit').then(([code]) => code);
    const threads = Array.from({ length: 5 }, () => new Worker(process.env.CODE, { eval: true }));
    Promise.all(threads.map(ended)).then((codes) => console.log('ended with', ...codes));
  } else { ${USE} }
`;

test('works in worker threads, which end by themselves once all is closed', async () => {
  const { stdout } = await run('node', ['--input-type=commonjs', '-e', THREAD], {
    cwd: project,
    env: { ...process.env, CODE: THREAD },
  });
  expect(stdout.match(/There is no matching message handler/g)).toHaveLength(5);
  expect(stdout).toContain('ended with 0 0 0 0 0');
});

test('npx nestjs-freelance keygen prints a key pair, for people and for programs', async () => {
  const { bin } = JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
  };
  const program = join(installed, bin['nestjs-freelance'] ?? '');
  const forPeople = await run('node', [program, 'keygen']);
  expect(forPeople.stdout).toMatch(/^publicKey {2}\S{40}\nsecretKey {2}\S{40}\n$/);
  expect(forPeople.stderr).toContain('Keep the secret key secret');
  const { stdout } = await run('node', [program, 'keygen', '--json']);
  const pair = JSON.parse(stdout) as CurveKeyPair;
  expect(isCurveKeyPair(pair)).toBe(true);
  await expect(run('node', [program, 'keygne'])).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining("unknown command 'keygne'\n(Did you mean keygen?)"),
  });
});
