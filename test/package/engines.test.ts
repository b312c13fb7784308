import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What it takes without the engine `libzmq`: all that users have, but zeromq. */
const INSTALLED = ['@nestjs', 'rxjs', 'reflect-metadata', 'libsodium-wrappers', 'libsodium'];

let project: string;

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'nestjs-freelance-'));
  const library = join(project, 'node_modules/nestjs-freelance');
  mkdirSync(library, { recursive: true });
  for (const part of ['package.json', 'dist']) {
    cpSync(join(root, part), join(library, part), { recursive: true });
  }
  for (const name of INSTALLED) {
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
  }
});

afterAll(() => rmSync(project, { recursive: true }));

/** Listens with one engine, is called by the other, and says what came of both, and what was loaded. */
const LIFE = `
async function live(engine, clientEngine) {
  class Empty {}
  Module({})(Empty);
  const strategy = new FreelanceTransportServer({ bind: 'tcp://127.0.0.1:*', engine });
  const app = await NestFactory.createMicroservice(Empty, { strategy, logger: false });
  const said = {};
  await app.listen().catch((error) => { said.server = error.message; });
  const endpoints = strategy.endpoints.length > 0 ? strategy.endpoints : ['tcp://127.0.0.1:9'];
  const options = { endpoints, engine: clientEngine, connectTimeout: 1000 };
  const client = new FreelanceClientProxy(options);
  await client.connect().catch((error) => { said.client = error.message; });
  said.client ??= client.stats().endpoints[endpoints[0]].state;
  client.close();
  await app.close();
  said.loaded = [
    ...Object.keys(requireHere.cache),
    ...process.report.getReport().sharedObjects,
  ].filter((file) => /[\\\\/]zeromq[\\\\/]/.test(file));
  console.log(JSON.stringify(said));
}
const [engine, clientEngine] = process.argv.slice(2);
live(engine, clientEngine);
`;

const NAMES = {
  '@nestjs/common': 'Logger, Module',
  '@nestjs/core': 'NestFactory',
  'nestjs-freelance': 'FreelanceClientProxy, FreelanceTransportServer',
};

const QUIET = 'Logger.overrideLogger(false);';

const PROGRAMS = {
  mjs: [
    "import 'reflect-metadata';",
    ...Object.entries(NAMES).map(([name, names]) => `import { ${names} } from '${name}';`),
    "import { createRequire } from 'node:module';",
    'const requireHere = createRequire(import.meta.url);',
  ],
  cjs: [
    "require('reflect-metadata');",
    ...Object.entries(NAMES).map(([name, names]) => `const { ${names} } = require('${name}');`),
    'const requireHere = require;',
  ],
};

interface Said {
  server?: string;
  client: string;
  loaded: string[];
}

describe.each(['mjs', 'cjs'] as const)('as %s', (format) => {
  function live(folder: string, ...engines: string[]): Said {
    const program = join(folder, `life.${format}`);
    writeFileSync(program, [...PROGRAMS[format], QUIET, LIFE].join('\n'));
    const { stdout, stderr } = spawnSync(process.execPath, [program, ...engines], { cwd: folder });
    expect(String(stderr)).toBe('');
    return JSON.parse(String(stdout)) as Said;
  }

  test('the engine node works without the package zeromq', () => {
    expect(live(project, 'node', 'node')).toEqual({ client: 'alive', loaded: [] });
  });

  test('the engine libzmq without that package: what is missing, and what does not need it', () => {
    const { server, client } = live(project, 'libzmq', 'libzmq');
    for (const said of [server, client]) {
      expect(said).toMatch(/the engine libzmq cannot be loaded: Cannot find (?:package|module)/);
      expect(said).toContain("the option engine: 'node' needs neither");
    }
  });

  test('with the package at hand it is loaded for the engine libzmq only', () => {
    const whole = mkdtempSync(join(tmpdir(), 'nestjs-freelance-'));
    try {
      cpSync(join(project, 'node_modules'), join(whole, 'node_modules'), { recursive: true });
      const zeromq = createRequire(import.meta.url).resolve('zeromq/package.json');
      symlinkSync(dirname(zeromq), join(whole, 'node_modules/zeromq'));
      expect(live(whole, 'node', 'node')).toEqual({ client: 'alive', loaded: [] });
      const { client, loaded } = live(whole, 'node', 'libzmq');
      expect(client).toBe('alive');
      expect(loaded).not.toEqual([]);
    } finally {
      rmSync(whole, { recursive: true });
    }
  });
});
