import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNoopMeter, type Meter } from '@opentelemetry/api';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { ENDPOINTS_VARIABLE } from '../../lib/cli/endpoints.js';
import { SECURITY_FLAGS } from '../../lib/cli/security-flags.js';
import { CallMetrics } from '../../lib/opentelemetry/call-metrics.js';
import * as conventions from '../../lib/opentelemetry/conventions.js';
import { FigureMetrics } from '../../lib/opentelemetry/figure-metrics.js';
import { CLIENT_METRICS } from '../../lib/prometheus/client-metrics.js';
import { SERVER_METRICS } from '../../lib/prometheus/server-metrics.js';
import { CHANNELS } from '../../lib/telemetry/channels.js';
import { pages, sources } from '../../scripts/code-blocks.mjs';
import { root } from '../../scripts/workshop.mjs';
import { programCommands } from './commands.js';

const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** The changelog tells of names that have gone since. */
const current = pages().filter((page) => page !== 'CHANGELOG.md');
const docs = current.filter((page) => !page.startsWith('test/'));

const lib = sources().map(read).join('\n');

/** The names in a text that do not exist: of a pattern that is not a name that exists. */
function strangersIn(
  text: string,
  pattern: RegExp,
  exists: (name: string) => boolean,
): readonly string[] {
  const names = Array.from(text.matchAll(pattern), ([whole, name = whole]) => name);
  return [...new Set(names)].filter((name) => !exists(name));
}

function strangersOnPages(pattern: RegExp, exists: (name: string) => boolean): readonly string[] {
  return current.flatMap((page) =>
    strangersIn(read(page), pattern, exists).map((name) => `${page}: ${name}`),
  );
}

describe('metrics of Prometheus', () => {
  const metrics = [...CLIENT_METRICS, ...SERVER_METRICS];
  const names = new Set(metrics.map(({ name }) => name));
  /** Of a histogram there are three kinds of samples. */
  for (const { name, type } of metrics)
    if (type === 'histogram')
      for (const kind of ['bucket', 'count', 'sum']) names.add(`${name}_${kind}`);
  // A name may stand for several, as in `freelance_client_*`.
  const exists = (name: string) =>
    names.has(name) || (name.endsWith('_') && [...names].some((each) => each.startsWith(name)));

  test('those that pages name exist', () => {
    expect(strangersOnPages(/\bfreelance_\w+/gu, exists)).toEqual([]);
  });

  test.each(readdirSync(join(root, 'docs/grafana')))('those of docs/grafana/%s exist', (file) => {
    const text = read(`docs/grafana/${file}`);
    expect(strangersIn(text, /\bfreelance_\w+/gu, exists)).toEqual([]);
    expect(text).toContain('freelance_client_calls_total');
  });
});

describe('channels of diagnostics', () => {
  const channels: readonly string[] = Object.values(CHANNELS);

  test('those that pages name exist', () => {
    const pattern = /\bnestjs-freelance:[\w:-]+/gu;
    expect(strangersOnPages(pattern, (name) => channels.includes(name))).toEqual([]);
  });

  test('docs/observability.md lists all', () => {
    const rows = read('docs/observability.md').matchAll(/^\| `(nestjs-freelance:[\w:-]+)` /gmu);
    expect(Array.from(rows, ([, name = '']) => name).toSorted()).toEqual(channels.toSorted());
  });
});

describe('names of OpenTelemetry', () => {
  /** What the instrumentation asks a meter for. */
  function metrics(): string[] {
    const names: string[] = [];
    const meter = new Proxy(createNoopMeter(), {
      get(target, member: keyof Meter) {
        if (!member.startsWith('create')) return target[member];
        return (name: string, ...more: never[]) => {
          names.push(name);
          return (target[member] as (name: string, ...more: never[]) => unknown)(name, ...more);
        };
      },
    });
    void new CallMetrics(meter);
    void new FigureMetrics(meter);
    return names;
  }

  const own = (name: unknown): name is string =>
    typeof name === 'string' && name.startsWith('freelance.');
  const names = new Set([...metrics(), ...Object.values(conventions)].filter(own));

  test('those that pages name are sent', () => {
    expect(strangersOnPages(/`(freelance\.[\w.]+)`/gu, (name) => names.has(name))).toEqual([]);
  });

  test('docs/opentelemetry.md names all, and each metric in a row of its own', () => {
    const page = read('docs/opentelemetry.md');
    expect([...names].filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
    const missing = metrics().filter((name) => !page.includes(`\n| \`${name}\` `));
    expect(missing).toEqual([]);
  });
});

describe('options', () => {
  /** The members of an interface of the library. */
  function membersOf(path: string, name: string): string[] {
    const source = ts.createSourceFile(path, read(path), ts.ScriptTarget.ES2023);
    const found = source.statements.find(
      (each): each is ts.InterfaceDeclaration =>
        ts.isInterfaceDeclaration(each) && each.name.text === name,
    );
    return (found?.members ?? []).flatMap(({ name: member }) =>
      member && ts.isIdentifier(member) ? [member.text] : [],
    );
  }

  /** The names in the first cells of the table below a heading. */
  function listedBelow(heading: string): string[] {
    const section = read('docs/options.md')
      .split(/^## /mu)
      .find((text) => text.startsWith(heading));
    const cells = (section ?? '').matchAll(/^\| (`.+?`) +\|/gmu);
    return Array.from(cells, ([, cell = '']) => cell).flatMap((cell) =>
      Array.from(cell.matchAll(/`(\w+)`/gu), ([, name = '']) => name),
    );
  }

  test.each([
    ['Client options', 'client-options', 'FreelanceClientOptions'],
    ['Server options', 'server-options', 'FreelanceServerOptions'],
  ])('docs/options.md lists all %s, and no other', (heading, file, name) => {
    const members = membersOf(`lib/nest/options/${file}.ts`, name);
    expect(members).toContain('maxMessageSize');
    expect(listedBelow(heading).toSorted()).toEqual(members.toSorted());
  });
});

describe('environment variables', () => {
  const variables = new Set<string>([
    ENDPOINTS_VARIABLE,
    ...Object.values(SECURITY_FLAGS).map(({ variable }) => variable),
    'FREELANCE_CLIENT_ENGINE',
    'FREELANCE_SERVER_ENGINE',
  ]);
  /** Names of exports, and of variables that the reader's own application reads: it is shown beside them. */
  const others = new Set([
    'FREELANCE_TRANSPORT',
    'FREELANCE_PUBLIC_KEY',
    'FREELANCE_SECRET_KEY',
    'FREELANCE_CLIENT_KEYS',
    'FREELANCE_SERVER_KEY',
  ]);

  test('those that pages name are read', () => {
    const exists = (name: string) => variables.has(name) || others.has(name);
    expect(strangersOnPages(/\bFREELANCE_[A-Z_]+\b/gu, exists)).toEqual([]);
  });

  test('all are on a page, and are read', () => {
    const text = docs.map(read).join('\n');
    const quoted = new Set(Array.from(lib.matchAll(/'(FREELANCE_[A-Z_]+)'/gu), ([, n = '']) => n));
    for (const variable of variables) {
      expect(text).toContain(`\`${variable}\``);
      expect(lib).toContain(variable);
    }
    expect([...quoted].filter((name) => !variables.has(name) && !others.has(name))).toEqual([]);
  });
});

describe('docs/cli.md', () => {
  const page = read('docs/cli.md');
  const commands = programCommands();
  const flags = new Map(
    commands.flatMap(({ options }) =>
      options.map((option) => [option.long ?? '', option] as const),
    ),
  );

  test('lists all commands in the order of the help, each with a chapter', () => {
    const names = commands.map((command) => command.name());
    const rows = Array.from(page.matchAll(/^\| \[`(\w+)`\]\(#(\w+)\)/gmu), ([, name]) => name);
    expect(rows).toEqual(names);
    const chapters = Array.from(page.matchAll(/^## (\w+)$/gmu), ([, name]) => name);
    expect(chapters).toEqual(names);
  });

  /** Commands whose chapters say that their flags are those of `call`. */
  const SAME_FLAGS = new Set(['emit', 'bench']);

  /** Those of Node. */
  const foreign = new Set(['--import', '--require']);

  test('names no flag that does not exist', () => {
    const exists = (flag: string) => flags.has(flag) || foreign.has(flag);
    expect(strangersIn(page, /(?<![\w-])--[a-z][\w-]*/gu, exists)).toEqual([]);
  });

  test('has a chapter that names each flag of its command, but those that all have', () => {
    const chapters = new Map(page.split(/^## /mu).map((text) => [/^.*/u.exec(text)?.[0], text]));
    const missing = commands.flatMap((command) => {
      const texts = [
        chapters.get('What all commands have in common'),
        chapters.get(command.name()),
      ];
      if (SAME_FLAGS.has(command.name())) texts.push(chapters.get('call'));
      const shown = command.options.filter(({ hidden }) => !hidden);
      return shown
        .filter(({ long }) => !namesFlag(texts.join('\n'), long ?? ''))
        .map(({ long }) => `${command.name()} ${long}`);
    });
    expect(missing).toEqual([]);
  });
});

/** A flag that is on by default is named by what turns it off. */
const namesFlag = (text: string, flag: string) =>
  new RegExp(`--(no-)?${flag.slice(2)}(?![\\w-])`, 'u').test(text);

describe('names in upper case', () => {
  const words = new Set(lib.match(/\b[A-Z][A-Z_]+\b/gu));

  /** Of Node, Nest, operating systems, test files and example commands. */
  const foreign = new Set([
    'APP_GUARD',
    'CHECKS',
    'EADDRINUSE',
    'FOLDER',
    'LOCALDOMAIN',
    'NODE_ENV',
    'NODE_TLS_REJECT_UNAUTHORIZED',
    'RES_OPTIONS',
    'SIGKILL',
    'SIGSTOP',
    'TCP_USER_TIMEOUT',
  ]);

  test('that pages name, such as codes of errors, are in the library', () => {
    const exists = (name: string) => words.has(name) || foreign.has(name);
    expect(words).toContain('STREAM_BROKEN');
    expect(strangersOnPages(/`([A-Z][A-Z_]{4,})`/gu, exists)).toEqual([]);
  });
});
