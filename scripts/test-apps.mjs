// Tests applications as users have them, with the package as users get it: each is compiled, run and tested.
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { scriptOf } from './page-script.mjs';
import { writeSnippets } from './snippets.mjs';
import { copySources, inTemporaryFolder, pack, root, run } from './workshop.mjs';

/** Each app, and the ways in which its TypeScript can resolve modules: [moduleResolution, module]. */
const APPS = {
  'nest-11-commonjs': [
    ['node10', 'commonjs'],
    ['node16', 'node16'],
    ['nodenext', 'nodenext'],
    ['bundler', 'esnext'],
  ],
  'nest-12-esm': [
    ['node16', 'node16'],
    ['nodenext', 'nodenext'],
    ['bundler', 'esnext'],
  ],
};

function checkTypes(app, moduleResolution, module) {
  const project = `tsconfig.${moduleResolution}.json`;
  const compilerOptions = {
    moduleResolution,
    module,
    target: 'es2023',
    types: ['node'],
    strict: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    // As in every application that `nest new` makes.
    declaration: true,
    noEmit: true,
    skipLibCheck: false,
  };
  writeFileSync(join(app, project), JSON.stringify({ compilerOptions, include: ['types'] }));
  run(app, 'npx', 'tsc', '-p', project);
}

/** Compiles the documentation's snippets with the app's own tsconfig, as a reader's editor would. */
function checkSnippets(app) {
  copySources(join(root, 'test/package/apps/snippets'), join(app, 'snippets'));
  console.log(`\n${writeSnippets(join(app, 'snippets'))} snippets of the documentation`);
  const project = 'tsconfig.snippets.json';
  const compilerOptions = { noEmit: true, rootDir: '.' };
  writeFileSync(
    join(app, project),
    JSON.stringify({
      extends: './tsconfig.json',
      compilerOptions,
      include: ['snippets'],
      exclude: [],
    }),
  );
  run(app, 'npx', 'tsc', '-p', project);
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Follows docs/start.md to the letter, but for these changes. */
function followStartPage(folder, changes) {
  let script = scriptOf('docs/start.md');
  for (const [from, to] of changes) {
    const changed = script.replaceAll(from, to);
    if (changed === script) throw new Error(`docs/start.md no longer says ${from}`);
    script = changed;
  }
  mkdirSync(folder);
  // Where a step fails, no server is left running.
  const tidy = "trap 'kill $first $second $client 2>/dev/null || true' EXIT\n";
  writeFileSync(join(folder, 'start.sh'), tidy + script);
  run(folder, 'sh', '-ex', 'start.sh');
}

process.env.MATH_ENDPOINT = `tcp://127.0.0.1:${await freePort()}`;
const startPorts = [
  ['5001', await freePort()],
  ['5002', await freePort()],
];

inTemporaryFolder((folder) => {
  const tarball = pack(folder);
  for (const [name, resolutions] of Object.entries(APPS)) {
    const app = join(folder, name);
    copySources(join(root, 'test/package/apps', name), app);
    run(app, 'npm', 'ci');
    // Not in the app's manifest: its lock file would contain the hash of this very tarball.
    run(app, 'npm', 'install', '--no-save', tarball);
    run(app, 'npm', 'run', 'build');
    run(app, 'npm', 'run', 'start:prod');
    for (const engine of ['libzmq', 'node']) {
      console.log(`\nWith the engine ${engine}:`);
      process.env.FREELANCE_SERVER_ENGINE = engine;
      process.env.FREELANCE_CLIENT_ENGINE = engine;
      run(app, 'npm', 'test');
      run(app, 'npm', 'run', 'test:e2e');
    }
    copySources(join(root, 'test/package/apps/types'), join(app, 'types'));
    for (const resolution of resolutions) checkTypes(app, ...resolution);
    checkSnippets(app);
  }
  // What the app has installed is in npm's cache.
  process.env.npm_config_prefer_offline = 'true';
  followStartPage(join(folder, 'start-12'), [
    ...startPorts,
    ['install nestjs-freelance', `install ${tarball}`],
  ]);
  followStartPage(join(folder, 'start-11'), [
    ...startPorts,
    ['type=module', 'type=commonjs'],
    // A third install would take most of the time, and bring what that app has.
    [/(npm install .*\n)+/g, `ln -s ${join(folder, 'nest-11-commonjs/node_modules')} .\n`],
  ]);
});
