import { symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Controller } from '@nestjs/common';
import { EventPattern, MessagePattern } from '@nestjs/microservices';
import { contract, event, Implements, rpc, stream } from 'nestjs-freelance/contract';
import { describe, expect, test } from 'vitest';
import { Folder } from '../cli/contract/folder.js';
import { cli } from '../support/cli.js';
import { serve, type Served } from '../support/nest.js';
import { freeEndpoint } from '../support/ports.js';

const fromHere = (path: string) => new URL(`../../${path}`, import.meta.url);
const ESM = JSON.stringify(fromHere('dist/esm/contract/index.js').href);
const CJS = JSON.stringify(fileURLToPath(fromHere('dist/contract/index.js')));

const TYPESCRIPT = JSON.stringify(fileURLToPath(fromHere('node_modules/typescript')));

/** Files of a project, which import the built library, and zod. */
const FILES = {
  'package.json': '{ "version": "4.5.6" }',
  'orders.mjs': `
    import { contract, event, rpc, stream } from ${ESM};
    import { z } from 'zod';
    console.log('a file may print');
    export const orders = contract('orders', {
      place: rpc({ payload: z.object({ sku: z.string() }), result: z.boolean(), atMostOnce: true }),
      list: stream({ payload: z.object({ at: z.date() }), result: z.string() }),
      cancelled: event(),
    });`,
  'billing.cjs': `
    const { contract, rpc } = require(${CJS});
    const members = { billing: contract('billing', { pay: rpc() }) };
    module.exports = { ...members };`,
  'all.mjs': `
    import others from './billing.cjs';
    export * from './orders.mjs';
    export const { billing } = others;`,
  'twice.mjs': `
    import { contract } from ${ESM};
    export const first = contract('orders', {}), second = contract('orders', {});`,
  'none.mjs': 'export const a = 1;',
  'throws.mjs': '\nthrow new TypeError("no database");',
  'exits.mjs': 'process.exit(0);',
  'syntax.mjs': 'export const = 1;',
  'incomplete.mjs': "import './missing.mjs';",
  'typed.ts': `
    import { contract } from ${CJS};
    enum Name { Typed = 'typed' }
    export const typed = contract(Name.Typed, {});`,
  // As that of ts-node in CommonJS.
  'hook.cjs': `
    const { readFileSync } = require('node:fs');
    const { transpileModule } = require(${TYPESCRIPT});
    require.extensions['.ts'] = (module, path) => {
      const options = { compilerOptions: { module: 1, esModuleInterop: true } };
      module._compile(transpileModule(readFileSync(path, 'utf8'), options).outputText, path);
    };`,
  'node_modules/@acme/contracts/package.json':
    '{ "version": "7.0.0", "exports": { "import": "./index.mjs" } }',
  'node_modules/@acme/contracts/index.mjs': "export * from '../../../orders.mjs';",
  'open.mjs': "export * from './orders.mjs'; setInterval(() => {}, 1000);",
};

function project(): Folder {
  const root = new Folder(FILES);
  symlinkSync(fileURLToPath(fromHere('node_modules/zod')), root.of('node_modules/zod'));
  return root;
}

/** Runs a command line in a project. */
async function runIn(root: Folder, ...args: string[]) {
  const { code, stdout, stderr } = await cli(args, { cwd: root.path });
  return { code, stdout, stderr };
}

describe('nestjs-freelance contract', () => {
  test('prints an AsyncAPI document, and nothing else, and says what it leaves open', async () => {
    using root = project();
    const run = await runIn(root, 'contract', 'orders.mjs');
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      asyncapi: '3.0.0',
      info: { title: 'orders', version: '4.5.6' },
      components: {
        schemas: { 'orders.place.result': { type: 'boolean' }, 'orders.list.payload': {} },
      },
    });
    expect(run.stderr.split('\n')).toEqual([
      'a file may print',
      'orders.list, payload: its schema cannot be written as JSON Schema: Date cannot be represented in JSON Schema. The document says {} there, which is anything.',
      expect.stringMatching(/^No schema: orders\.cancelled \(payload\)\. The document says/),
      '',
    ]);
    expect(await runIn(root, 'contract', 'orders.mjs')).toEqual(run);
  });

  test('prints a JSON Schema, of all contracts of a file or of one, ES modules and CommonJS', async () => {
    using root = project();
    const all = await runIn(root, 'contract', 'all.mjs', '--format', 'json-schema');
    expect(JSON.parse(all.stdout)).toMatchObject({ title: 'billing, orders' });
    const one = await runIn(root, 'contract', './all.mjs', '--export', 'orders');
    expect(JSON.parse(one.stdout)).toMatchObject({ info: { title: 'orders' } });
    const commonJs = await runIn(root, 'contract', root.of('billing.cjs'));
    expect(JSON.parse(commonJs.stdout)).toMatchObject({ info: { title: 'billing' } });
  });

  test('takes a package by its name, with its version', async () => {
    using root = project();
    const run = await runIn(root, 'contract', '@acme/contracts');
    expect(JSON.parse(run.stdout)).toMatchObject({ info: { title: 'orders', version: '7.0.0' } });
  });

  test('takes TypeScript where a loader is there, also one that hooks into require alone', async () => {
    using root = project();
    const args = ['contract', 'typed.ts'];
    const hook = `--require ${JSON.stringify(root.of('hook.cjs'))}`;
    const { code, stdout } = await cli(args, { cwd: root.path, env: { NODE_OPTIONS: hook } });
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ info: { title: 'typed' } });
  });

  test('ends, whatever the file leaves running', async () => {
    using root = project();
    const run = await runIn(root, 'contract', 'open.mjs');
    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ info: { title: 'orders' } });
  });

  test.each([
    ['missing.mjs', 'missing.mjs: there is no such file in '],
    ['@acme/none', '@acme/none: there is no such file in '],
    ['node_modules', 'node_modules is a directory.'],
    ['none.mjs', 'none.mjs exports no contract. It exports a.'],
    ['twice.mjs', 'exports two contracts with the name orders, as first and as second: choose one'],
    ['throws.mjs', /throws\.mjs cannot be loaded: TypeError: no database \(at .*throws\.mjs:2:7\)/],
    ['exits.mjs', /exits\.mjs cannot be loaded: it ends the process\. Put the contract into /],
    ['syntax.mjs', /SyntaxError: .*\. `node .*syntax\.mjs` shows where/],
    [
      'incomplete.mjs',
      /incomplete\.mjs cannot be loaded: Error: Cannot find module '.*missing\.mjs'/,
    ],
    ['typed.ts', /typed\.ts cannot be loaded: .*\nIt is TypeScript, .* Build it, .*--import tsx/],
  ])('says of a file what is wrong with it: %s', async (file, words) => {
    using root = project();
    const run = await runIn(root, 'contract', file);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toMatch(/^error: /);
    expect(run.stderr).toMatch(words);
  });

  test('says which exports there are if it is asked for another one', async () => {
    using root = project();
    const run = await runIn(root, 'contract', 'all.mjs', '--export', 'order');
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain(
      'error: --export order: all.mjs exports no contract of that name, but billing, orders\n',
    );
  });
});

const orders = contract('orders', {
  place: rpc<void, boolean>({ atMostOnce: true }),
  list: stream<unknown, string>(),
  cancelled: event<unknown>(),
});

@Controller()
@Implements(orders)
class OrdersController {
  place() {
    return true;
  }

  async *list() {
    yield 'an order';
  }

  cancelled() {
    return undefined;
  }
}

@Controller()
class OlderOrdersController {
  @MessagePattern('orders.place')
  place() {
    return true;
  }

  @EventPattern('orders.list')
  list(query: unknown) {
    return query;
  }

  @MessagePattern('orders.rebuild')
  rebuild() {
    return undefined;
  }
}

const addressOf = ({ endpoints: [endpoint = ''] }: Served) => endpoint;

describe('nestjs-freelance info --contract', () => {
  test('says that a server is as in the contract', async () => {
    using root = project();
    await using server = await serve([OrdersController], { serverId: 'one' });
    const run = await runIn(root, 'info', '--contract', 'orders.mjs', addressOf(server));
    expect(run).toEqual({
      code: 0,
      stdout: `${addressOf(server)}  one  ready\norders: as in the contract (3 entries)\n\n`,
      stderr: 'a file may print\n',
    });
  });

  test('says how servers differ from the contract, and fails', async () => {
    using root = project();
    await using one = await serve([OrdersController], { serverId: 'one' });
    await using two = await serve([OlderOrdersController], { serverId: 'two' });
    const run = await runIn(
      root,
      'info',
      '--contract',
      'orders.mjs',
      addressOf(one),
      addressOf(two),
    );
    expect(run.code).toBe(1);
    expect(run.stdout).toBe(
      [
        `${addressOf(one)}  one  ready`,
        'orders: as in the contract (3 entries)',
        '',
        `${addressOf(two)}  two  ready`,
        'orders: 4 differences',
        '  orders.place      the contract says at most once; the handler may run twice for one call',
        '  orders.list       the contract says stream; the server takes it as an event',
        '  orders.cancelled  the server has no handler for it',
        '  orders.rebuild    the server has it (call); the contract has not',
        '',
        '',
      ].join('\n'),
    );
  });

  test('tells programs as JSON, beside what the server offers', async () => {
    using root = project();
    await using server = await serve([OrdersController], { serverId: 'one' });
    const args = ['info', '--json', '--contract', 'all.mjs', addressOf(server)];
    const run = await runIn(root, ...args);
    expect(run.code).toBe(1);
    expect(JSON.parse(run.stdout)).toEqual([
      {
        endpoint: addressOf(server),
        info: expect.objectContaining({ id: 'one' }),
        contracts: [
          {
            name: 'billing',
            differences: [
              {
                code: 'missing',
                entry: 'pay',
                pattern: 'billing.pay',
                message: 'the server has no handler for it',
              },
            ],
          },
          { name: 'orders', differences: [] },
        ],
      },
    ]);
    expect((await runIn(root, ...args, '--export', 'orders')).code).toBe(0);
  });

  test('fails if a server does not tell, and says why', async () => {
    using root = project();
    await using server = await serve([OrdersController], { introspection: false });
    const run = await runIn(root, 'info', '--contract', 'orders.mjs', addressOf(server));
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain('introspection: true');
  });

  test('asks no server if there is no contract', async () => {
    using root = project();
    const nobody = await freeEndpoint();
    const run = await runIn(root, 'info', '--contract', 'none.mjs', nobody);
    expect(run).toMatchObject({ code: 2, stdout: '' });
    expect(run.stderr).toContain('error: none.mjs exports no contract.');
    const flags = await runIn(root, 'info', '--export', 'orders', nobody);
    expect(flags).toMatchObject({ code: 2, stderr: 'error: --export is for --contract FILE\n' });
  });
});
