import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadSync } from '@grpc/proto-loader';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import type { ServerTarget } from '../../lib/core/server-target.js';
import { resolveClientOptions } from '../../lib/nest/options/client-options.js';
import { decodeHello } from '../../lib/protocol/hello.js';
import {
  APPLICATIONS,
  blocksOf,
  type CodeBlock,
  pages,
  placeOf,
  proseOf,
  sources,
} from '../../scripts/code-blocks.mjs';
import { scriptOf } from '../../scripts/page-script.mjs';
import { moduleOf } from '../../scripts/snippets.mjs';
import { root } from '../../scripts/workshop.mjs';
import { faultsOfScript } from './commands.js';
import { faultsOfYaml } from './manifest-fragments.js';

const blocks = [
  ...pages().flatMap((page) => blocksOf(page)),
  // Drawings in comments have no language: nothing else does.
  ...sources().flatMap((source) => blocksOf(source).filter(({ language }) => language !== '')),
];

type Check = (block: CodeBlock) => readonly string[] | Promise<readonly string[]>;

/** What is wrong with a block, by the language of its fence. A block of another language, or of none, is a fault itself. */
const CHECKS: Readonly<Record<string, Check>> = {
  // The syntax. `npm run test:apps` compiles each against the packed library, with Nest 11 and 12.
  ts: ({ code, info }) => {
    if (info !== '' && info !== 'member') return [`what is "${info}"?`];
    return faultsOfTypeScript(moduleOf(code, info === 'member'));
  },
  // Of libraries that are not installed here.
  js: ({ code }) => faultsOfTypeScript(code),
  json: ({ page, code }) => faultsOfJson(page, code),
  yaml: ({ code }) => faultsOfYaml(code),
  // Those of PROTOCOL.md and protocol/README.md also run, in test/interop.
  python: ({ code }) => faultsOfCommand('python3', ['-ISc', COMPILE], code),
  sh: ({ code }) => faultsOfShell(code),
  console: ({ code }) => {
    const script = commandsIn(code);
    return script === '' ? ['it shows no command'] : faultsOfShell(script);
  },
  proto: ({ code }) => faultsOfProto(code),
  // names.test.ts knows the metrics; test/e2e/prometheus.test.ts their labels.
  promql: ({ code }) => faultsOfPromQl(code),
  // What programs print, and drawings.
  text: () => [],
};

const COMPILE = 'import sys; compile(sys.stdin.read(), "block", "exec", dont_inherit=True)';

function faultsOfCommand(command: string, args: readonly string[], input: string): string[] {
  const { status, stderr, error } = spawnSync(command, args, { input, encoding: 'utf8' });
  if (error) throw error;
  return status === 0 ? [] : [stderr];
}

function faultsOfTypeScript(code: string): string[] {
  const { diagnostics = [] } = ts.transpileModule(code, {
    reportDiagnostics: true,
    compilerOptions: {
      target: ts.ScriptTarget.ES2023,
      module: ts.ModuleKind.ESNext,
      experimentalDecorators: true,
    },
  });
  return diagnostics.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
}

async function faultsOfShell(script: string): Promise<string[]> {
  const faults = faultsOfCommand('bash', ['-n'], script);
  return faults.length > 0 ? faults : faultsOfScript(script);
}

const PROMPT = '$ ';

/** What was typed; the other lines are what came of it. */
function commandsIn(session: string): string {
  const lines = session.split('\n').filter((line) => line.startsWith(PROMPT));
  return lines.map((line) => line.slice(PROMPT.length)).join('\n');
}

type Json = readonly unknown[] | Readonly<Record<string, unknown>>;

const endpointsOf = (value: Json) => resolveClientOptions({ endpoints: value as ServerTarget[] });

/** JSON that a reader gives to our code is read by it. */
const FORMATS: Readonly<Record<string, (value: Json, code: string) => unknown>> = {
  'docs/discovery.md': endpointsOf,
  'lib/discovery/index.ts': endpointsOf,
  'PROTOCOL.md': (value, code) => {
    // test/protocol/pack.test.ts decodes the one that is an array.
    if (!Array.isArray(value)) expect(decodeHello(Buffer.from(code))).toMatchObject(value);
  },
};

function faultsOfJson(page: string, code: string): string[] {
  let value: unknown;
  try {
    value = JSON.parse(code);
  } catch (error) {
    return [String(error)];
  }
  try {
    FORMATS[page]?.(value as Json, code);
    return [];
  } catch (error) {
    return [String(error)];
  }
}

/** Services are shown without the messages that they name. */
function faultsOfProto(code: string): string[] {
  const messages = new Set(
    Array.from(code.matchAll(/\((?:stream )?(\w+)\)/gu), ([, name]) => `message ${name} {}`),
  );
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-freelance-'));
  try {
    const file = join(folder, 'block.proto');
    writeFileSync(file, ['syntax = "proto3";', ...messages, code].join('\n'));
    loadSync(file);
    return [];
  } catch (error) {
    return [String(error)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Queries, one to a line. */
const faultsOfPromQl = (code: string) =>
  code.split('\n').filter((line) => !line.startsWith('#') && !isBalanced(line));

const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

function isBalanced(query: string): boolean {
  const open: string[] = [];
  for (const sign of query.replaceAll(/"[^"]*"/gu, '')) {
    const closing = CLOSING[sign];
    if (closing !== undefined) open.push(closing);
    else if (Object.values(CLOSING).includes(sign) && open.pop() !== sign) return false;
  }
  return open.length === 0;
}

function faultsOf(block: CodeBlock): ReturnType<Check> {
  if (APPLICATIONS.has(block.page)) return [];
  const check = CHECKS[block.language];
  return check ? check(block) : [`nobody checks the language "${block.language}"`];
}

describe('the code blocks of the documentation', () => {
  test.each(blocks.map((block) => [placeOf(block), block] as const))(
    '%s is one that works',
    async (_place, block) => {
      expect(await faultsOf(block)).toEqual([]);
    },
  );

  test.each([...APPLICATIONS])('%s is a script, of all its blocks', (page) => {
    const script = scriptOf(page);
    expect(faultsOfCommand('sh', ['-n'], script)).toEqual([]);
    const own = blocks.filter((block) => block.page === page);
    expect(own.length).toBeGreaterThan(5);
    for (const { code } of own) expect(script).toContain(code);
  });

  test('are of every language that is checked', () => {
    const languages = new Set(blocks.map(({ language }) => language));
    expect(languages).toEqual(new Set(Object.keys(CHECKS)));
    expect(blocks.length).toBeGreaterThan(100);
  });
});

/** A command in a sentence. */
const INLINE = /`((?:[A-Z_]+='[^`]*' |until )?(?:npx|npm|node) [^`\n]+)`/gu;

const sentences = pages()
  .filter((page) => page !== 'CHANGELOG.md')
  .map((page) => [page, commandsInSentences(page)] as const)
  .filter(([, commands]) => commands.length > 0);

function commandsInSentences(page: string): string[] {
  const text = proseOf(readFileSync(join(root, page), 'utf8'));
  return Array.from(text.matchAll(INLINE), ([, command = '']) => command);
}

test.each(sentences)('the commands in sentences of %s exist', async (_page, commands) => {
  const faults = await Promise.all(commands.map((command) => faultsOfScript(command)));
  expect(faults.flat()).toEqual([]);
});

describe('a block that does not work', () => {
  const of = (language: string, code: string, page = 'docs/running.md') =>
    blocksOf(page, `\`\`\`${language}\n${code}\n\`\`\`\n`).map((block) => faultsOf(block));

  test.each([
    ['', 'x', 'the language ""'],
    ['tsx', 'x', 'the language "tsx"'],
    ['ts members', 'x', 'what is "members"?'],
    ['ts src/main.ts', 'x', 'what is "src/main.ts"?'],
    ['ts', 'const = 1;', 'expected'],
    ['ts member', 'sum( {}', 'expected'],
    ['js', 'module.exports = {', "'}' expected"],
    ['json', '{ a: 1 }', 'SyntaxError'],
    ['yaml', 'a: [1', 'Flow sequence'],
    ['yaml', 'a: 1', 'nobody knows what a is a part of'],
    ['yaml', 'livenessProbe: { periodSecond: 1 }', 'periodSecond'],
    ['yaml', 'apiVersion: v1\nkind: Service\nmetadata: { name: a }\nspecs: {}', 'specs'],
    ['python', 'def f(:', 'SyntaxError'],
    ['sh', 'for x in a; do', 'syntax error'],
    ['sh', 'npx nestjs-freelance pong tcp://a:1', "unknown command 'pong'"],
    ['sh', 'npx nestjs-freelance ping --cuont 1 tcp://a:1', "unknown option '--cuont'"],
    ['sh', 'A=b npx nestjs-freelance bench --rate 5', "option '-p, --pattern <pattern>' not"],
    ['sh', 'until npx nestjs-freelance ping -c x a; do sleep 1; done', "'x' is invalid"],
    ['sh', 'true && rnpm ci', 'nobody knows this command'],
    ['sh', 'npm ci && npm run dmeo', 'there is no script dmeo'],
    ['sh', 'npm run build -w sample/99', 'there is no workspace sample/99'],
    ['sh', 'npm run bench -- --quik', "Unknown option '--quik'"],
    ['sh', 'npm run chaos -- --only nothing', 'nothing'],
    ['sh', 'npm run simulate -- --sed 3', 'there is no --sed'],
    ['sh', 'npm run demo -- --paeg', 'there is no --paeg'],
    ['sh', 'npm run lint -- --fix', 'nobody knows what lint takes'],
    ['sh', 'npm install prom-client@14', 'prom-client 14 is not of ^15'],
    ['sh', 'npm install left-pad', 'nothing to do with left-pad'],
    ['sh', 'node scripts/none.mjs', 'there is no scripts/none.mjs'],
    ['proto', 'service Orders { rpc Place (A) (B); }', 'illegal token'],
    ['console', 'npx nestjs-freelance ping', 'it shows no command'],
    ['console', '$ npx nestjs-freelance png\nalive', "unknown command 'png'"],
    ['promql', 'sum by (a) (rate(b[5m])', 'sum by'],
  ])('%s: %s', async (language, code, fault) => {
    const [faults = []] = of(language, code);
    expect((await faults).join('\n')).toContain(fault);
  });

  test.each([
    ['docs/discovery.md', '[{ "endpoint": "tcp://a:1", "wieght": 2 }]', 'wieght'],
    ['PROTOCOL.md', '{ "protocol": 2, "state": "rady" }', 'state'],
  ])('JSON of %s: %s', async (page, code, fault) => {
    const [faults = []] = of('json', code, page);
    expect((await faults).join('\n')).toContain(fault);
  });

  test('does not end', () => {
    expect(() => blocksOf('docs/faq.md', '```ts\nx\n')).toThrow('docs/faq.md:1: the block');
  });
});
