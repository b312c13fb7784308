import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CurveKeyPair, isCurveKeyPair } from '../../lib/security/curve-keys.js';
import { proseOf } from '../../scripts/code-blocks.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));

/** What a user has to install beside it. */
const INSTALLED = [
  'commander',
  'zeromq',
  '@nestjs',
  '@opentelemetry',
  'prom-client',
  'rxjs',
  'reflect-metadata',
];

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

test('the package holds whatever its manifest names, and the papers', async () => {
  const { main, module, types, bin, exports, typesVersions } = JSON.parse(
    await readFile(join(installed, 'package.json'), 'utf8'),
  ) as Record<string, unknown>;
  const named: string[] = [];
  JSON.stringify([main, module, types, bin, exports, typesVersions], (_key, value: unknown) => {
    if (typeof value === 'string') named.push(join(value));
    return value;
  });
  expect(named.length).toBeGreaterThan(40);
  expect(files).toEqual(expect.arrayContaining(named));
  expect(files).toEqual(
    expect.arrayContaining([
      'README.md',
      'LICENSE',
      'CHANGELOG.md',
      'PROTOCOL.md',
      'protocol/README.md',
    ]),
  );
});

/** In bytes, unpacked: what an image of a container grows by. */
const LIMIT = 2_000_000;

test('it is small', async () => {
  const parts = new Map<string, number>();
  let all = 0;
  for (const file of files) {
    const { size } = await stat(join(installed, file));
    const part = file.replace(/^(dist|docs).*?((\.d)?\.\w+(\.map)?)$/, '$1/**/*$2');
    parts.set(part, (parts.get(part) ?? 0) + size);
    all += size;
  }
  const largest = [...parts].toSorted(([, a], [, b]) => b - a).slice(0, 10);
  const told = largest.map(([part, size]) => `${size} ${part}`).join('\n');
  expect(all < LIMIT ? '' : `The package has ${all} bytes, of which\n${told}`).toBe('');
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

/** Where a page links to; not what blocks and spans of code say, nor where its pictures are, which npm shows from the repository. */
function linksOf(page: string): string[] {
  const text = proseOf(page).replace(/`[^`\n]*`|!\[[^\]]*\]\([^)]*\)/g, '');
  const links = text.matchAll(/\]\(([^)\s]+)|^\[[^\]]+\]: (\S+)|\bhref="([^"]+)"/gm);
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

test('it holds nothing else: no tests, no pictures, no generated reference', () => {
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
    'protocol/README.md',
  ]);
  const known = [/^dist\//, /^docs\/[\w-]+\.md$/, /^docs\/grafana\/[\w-]+\.json$/];
  const others = files.filter(
    (file) => !papers.has(file) && !known.some((kind) => kind.test(file)),
  );
  expect(others).toEqual([]);
  expect(files.filter((file) => /(^|\/)tests?\//.test(file))).toEqual([]);
});

/** Prints the stacks of two errors: of a wrong option, and of a wrong contract. */
const THROWN = `
  for (const fails of [
    () => new (require('nestjs-freelance').FreelanceClientProxy)({ endpoints: 'nonsense' }),
    () => require('nestjs-freelance/contract').Implements({}),
  ]) {
    try { fails(); } catch (error) { console.log(error.stack); }
  }
`;

test('its source maps name the lines of the source, as they are in the repository', async () => {
  const { stdout } = await run('node', ['--enable-source-maps', '-e', THROWN], { cwd: project });
  const frames = [
    ...stdout.matchAll(
      /^ +at (?:new |Object\.)?(\w+) .*?nestjs-freelance\/(lib\/[\w/-]+\.ts):(\d+):/gm,
    ),
  ];
  expect(frames.length).toBeGreaterThan(4);
  for (const [index, [, , file = '', line]] of frames.entries()) {
    const source = (await readFile(join(root, file), 'utf8')).split('\n')[Number(line) - 1];
    // A frame is where the function of the frame before it is called. That of an innermost one makes an error.
    expect(source).toMatch(new RegExp(`Error\\(|${frames[index - 1]?.[1] ?? 'Error'}\\(`));
  }
});

/** Of a file that re-exports, and has no code of its own. */
const isOnlyExports = (code: string) => !/^(function|var|class|const (?!require_))/m.test(code);

test('it has a source map for each file of code, which contains no source', async () => {
  const sources = new Set<string>();
  const without: string[] = [];
  for (const file of files.filter((name) => /^dist\/.*\.js$/.test(name))) {
    const code = await readFile(join(installed, file), 'utf8');
    const [, name] = /\n\/\/# sourceMappingURL=(.+)\n$/.exec(code) ?? [];
    if (name === undefined) {
      if (!isOnlyExports(code)) without.push(file);
      continue;
    }
    const map = JSON.parse(await readFile(join(installed, dirname(file), name), 'utf8')) as {
      sources: string[];
      sourcesContent?: unknown;
    };
    expect(map.sourcesContent).toBeUndefined();
    for (const source of map.sources) sources.add(join(dirname(file), source));
  }
  expect(without.filter((file) => !file.endsWith('/rolldown-runtime.js'))).toEqual([]);
  expect(sources.size).toBeGreaterThan(400);
  const missing = Array.from(sources).filter((source) => !existsSync(join(root, source)));
  expect(missing).toEqual([]);
});

test('what does not need Nest is there once; the command line is no ES module', async () => {
  const texts = await Promise.all(
    files
      .filter((file) => /^dist\/.*\.js$/.test(file))
      .map(async (file) => [file, await readFile(join(installed, file), 'utf8')] as const),
  );
  expect(texts.length).toBeGreaterThan(50);
  const having = (text: string) =>
    texts.filter(([, code]) => code.includes(text)).map(([file]) => file);
  expect(having('PeakEwma=class')).toEqual(['dist/shared/core.js']);
  expect(having('FreelanceClientProxy=class').toSorted()).toEqual([
    'dist/esm/nest/nest.js',
    'dist/nest/nest.js',
  ]);
  expect(having('function runCli(')).toEqual(['dist/bin/cli.js']);
  const importsNest = (code: string) =>
    /(\brequire\(|\bimport\(|\bfrom ?)["'`]@nestjs\//.test(code);
  const withNest = texts.filter(([, code]) => importsNest(code)).map(([file]) => file);
  expect(withNest).toEqual(expect.arrayContaining(['dist/nest/nest.js', 'dist/esm/nest/nest.js']));
  expect(withNest.filter((file) => file.includes('/shared/'))).toEqual([]);
});

test('classes have the names of the source, which users see: no room has two of one name', async () => {
  const renamed: string[] = [];
  let classes = 0;
  for (const file of files.filter((name) => /^dist\/.*\.js$/.test(name))) {
    const code = await readFile(join(installed, file), 'utf8');
    for (const [, name = ''] of code.matchAll(/([\w$]+)=class\b/g)) {
      classes++;
      if (name.includes('$')) renamed.push(`${file}: ${name}`);
    }
  }
  expect(renamed).toEqual([]);
  expect(classes).toBeGreaterThan(100);
});

test('it loads an engine, and what only other entry points need, when that is asked for', async () => {
  const code = `
    require('nestjs-freelance');
    console.log(JSON.stringify(Object.keys(require.cache)));`;
  const { stdout } = await run('node', ['-e', code], { cwd: project });
  const cached = JSON.parse(stdout) as string[];
  const loaded = cached.flatMap(
    (file) => /nestjs-freelance\/dist\/shared\/([\w-]+)\.js$/.exec(file)?.[1] ?? [],
  );
  expect(loaded).toContain('agents');
  const needless =
    /^(sockets-|contract|dashboard|discovery|fleet|opentelemetry|prometheus|testing)/;
  expect(loaded.filter((room) => needless.test(room))).toEqual([]);
  // A room is loaded as a whole: one import of an optional peer in it, and everybody would need that.
  const { dependencies, peerDependenciesMeta } = JSON.parse(
    await readFile(join(installed, 'package.json'), 'utf8'),
  ) as Record<string, object>;
  const notYet = Object.keys({ ...dependencies, ...peerDependenciesMeta });
  expect(notYet.length).toBeGreaterThan(4);
  const isNeeded = (name: string) => cached.some((file) => file.includes(`/node_modules/${name}/`));
  expect(isNeeded('rxjs')).toBe(true);
  expect(notYet.filter(isNeeded)).toEqual([]);
});

/** Every way in which an application may load it beside Nest, which is an ES module from Nest 12 on. */
const ORDERS = {
  'before Nest': `
    import * as freelance from 'nestjs-freelance';
    import * as nest from '@nestjs/microservices';
    tell(freelance, nest);`,
  'after Nest': `
    import * as nest from '@nestjs/microservices';
    import * as freelance from 'nestjs-freelance';
    tell(freelance, nest);`,
  'at the same time': `
    const [freelance, nest] = await Promise.all([
      import('nestjs-freelance'),
      import('@nestjs/microservices'),
      import('nestjs-freelance/contract'),
      import('@nestjs/core'),
      import('nestjs-freelance/testing'),
    ]);
    tell(freelance, nest);`,
  'while Nest is loading': `
    const loading = import('@nestjs/microservices');
    await new Promise(setImmediate);
    const [freelance, nest] = await Promise.all([import('nestjs-freelance'), loading]);
    tell(freelance, nest);`,
  'as CommonJS first': `
    import { createRequire } from 'node:module';
    const freelance = createRequire(import.meta.url)('nestjs-freelance');
    tell(freelance, await import('@nestjs/microservices'));`,
};

test.each(Object.entries(ORDERS))(
  'loaded %s it extends the classes of that Nest',
  async (_order, code) => {
    const program = join(project, 'order.mjs');
    await writeFile(
      program,
      `${code}
    function tell({ FreelanceClientProxy }, { ClientProxy }) {
      console.log(Object.getPrototypeOf(FreelanceClientProxy) === ClientProxy);
    }`,
    );
    expect((await run('node', [program])).stdout).toBe('true\n');
  },
);

test('entry points export what their sources do and no more, to require() and to import alike', async () => {
  const code = `
    import { createRequire } from 'node:module';
    const require = createRequire(import.meta.url);
    const { exports } = require('nestjs-freelance/package.json');
    const all = {};
    for (const path of Object.keys(exports).filter((path) => path !== './package.json')) {
      const name = 'nestjs-freelance' + path.slice(1);
      const [required, imported] = [require(name), { ...(await import(name)) }];
      const differs = (key) => typeof required[key] !== typeof imported[key];
      const names = new Set([...Object.keys(required), ...Object.keys(imported)]);
      all[path] = { names: Object.keys(required), differ: [...names].filter(differs) };
    }
    console.log(JSON.stringify(all));`;
  const { stdout } = await run('node', ['--input-type=module', '-e', code], { cwd: project });
  const told = Object.entries(
    JSON.parse(stdout) as Record<string, { names: string[]; differ: string[] }>,
  );
  expect(told.length).toBe(8);
  for (const [path, { names }] of told) {
    const source = await readFile(join(root, 'lib', path, 'index.ts'), 'utf8');
    const exported = source.match(/^export (\{[^}]+\}|\w+ \w+)/gm) ?? [];
    const words = new Set(exported.join(' ').match(/\w+/g));
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !words.has(name))).toEqual([]);
  }
  expect(told.filter(([, { differ }]) => differ.length > 0)).toEqual([]);
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

test('no doc comment in the types follows the member before on its line: TypeScript would not show it', async () => {
  const types = files.filter((file) => file.startsWith('dist/') && file.endsWith('.d.ts'));
  const texts = await Promise.all(types.map((file) => readFile(join(installed, file), 'utf8')));
  const lines = texts.join('\n').split('\n');
  expect(lines.filter((line) => /^ +\/\*\*/.test(line)).length).toBeGreaterThan(300);
  expect(lines.filter((line) => /[;,}] +\/\*\*/.test(line))).toEqual([]);
});

test('an application learns from import() that an optional package is missing, and goes on', async () => {
  const alone = join(project, 'alone.mjs');
  const api = join(project, 'node_modules', '@opentelemetry');
  await rm(api);
  await writeFile(
    alone,
    `await import('nestjs-freelance/opentelemetry').catch(({ code }) => console.log(code));
setImmediate(() => console.log('goes on'));`,
  );
  const { stdout } = await run('node', [alone]).finally(() =>
    symlink(join(root, 'node_modules', '@opentelemetry'), api),
  );
  expect(stdout).toBe('ERR_MODULE_NOT_FOUND\ngoes on\n');
});
