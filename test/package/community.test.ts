import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { createProgram } from '../../lib/cli/program.js';
import { CAPABILITIES, PROTOCOL_VERSION } from '../../lib/protocol/hello.js';
import { ENGINES } from '../../lib/sockets/engine.js';
import { FakeIo } from '../support/cli-io.js';

const root = new URL('../../', import.meta.url);
const text = (path: string) => readFileSync(new URL(path, root), 'utf8');

const { scripts, exports, engines, peerDependencies } = JSON.parse(text('package.json')) as {
  scripts: Record<string, string>;
  exports: object;
  engines: { node: string };
  peerDependencies: Record<string, string>;
};

interface Element {
  readonly type: string;
  readonly id?: string;
  readonly attributes: {
    readonly label?: string;
    readonly value?: string;
    readonly options?: readonly (string | { readonly label: string })[];
  };
  readonly validations?: { readonly required: boolean };
}

interface Form {
  readonly name: string;
  readonly description: string;
  readonly labels: readonly string[];
  readonly body: readonly Element[];
}

const FORMS = '.github/ISSUE_TEMPLATE/';
const names = readdirSync(new URL(FORMS, root)).filter((name) => name !== 'config.yml');
const formOf = (name: string) => parse(text(FORMS + name)) as Form;

/** Labels that GitHub gives every new repository: a form whose label does not exist sets none. */
const LABELS = new Set(['bug', 'enhancement', 'question']);

const isText = (value: unknown) => typeof value === 'string' && value.trim() !== '';

/** What GitHub refuses, and then shows no form: https://docs.github.com/communities, "Syntax for GitHub's form schema". */
function faultsOf({ body }: Form): string[] {
  const inputs = body.filter(({ type }) => type !== 'markdown');
  const labels = inputs.map(({ attributes }) => attributes.label);
  const ids = inputs.map(({ id }) => id ?? '');
  const faults = body.flatMap(({ type, attributes, validations }) => {
    const { value, options = [] } = attributes;
    const choices = options.map((option) => (typeof option === 'string' ? option : option?.label));
    const needsOptions = type === 'dropdown' || type === 'checkboxes';
    return [
      !['markdown', 'input', 'textarea', 'dropdown', 'checkboxes'].includes(type) &&
        `unknown type ${type}`,
      type === 'markdown' && !isText(value) && 'markdown without a value',
      needsOptions !== choices.length > 0 && `${type} with ${choices.length} options`,
      !choices.every(isText) && 'an option that is no text: YAML reads 11, no and null otherwise',
      choices.some((choice) => /^none$/i.test(choice ?? '')) && 'GitHub reserves the option None',
      new Set(choices).size < choices.length && 'an option twice',
      type === 'markdown' && validations !== undefined && 'markdown cannot be required',
    ].filter((fault) => fault !== false);
  });
  if (inputs.length === 0) faults.push('nothing to fill in');
  if (!labels.every(isText)) faults.push('an input without a label');
  if (!ids.every((id) => /^[\w-]+$/.test(id))) faults.push('an input without an id');
  for (const [what, all] of Object.entries({ label: labels, id: ids })) {
    if (new Set(all).size < all.length) faults.push(`a ${what} twice`);
  }
  return faults;
}

describe('the forms for issues', () => {
  test('are for bugs, features and questions', () => {
    expect(names.toSorted()).toEqual(['bug.yml', 'feature.yml', 'question.yml']);
    expect(parse(text(`${FORMS}config.yml`))).toEqual({ blank_issues_enabled: false });
  });

  test.each(names)('%s is one that GitHub shows', (name) => {
    const form = formOf(name);
    expect(isText(form.name)).toBe(true);
    expect(isText(form.description)).toBe(true);
    expect(form.labels.every((label) => LABELS.has(label))).toBe(true);
    expect(faultsOf(form)).toEqual([]);
  });

  const optionsOf = (id: string) =>
    formOf('bug.yml').body.find((element) => element.id === id)?.attributes.options;

  test('that of a bug lets one choose every engine, and every major version of Nest', () => {
    expect(optionsOf('engine')).toEqual(expect.arrayContaining([...ENGINES]));
    const range = peerDependencies['@nestjs/core'] ?? '';
    expect(optionsOf('nest')).toEqual(Array.from(range.matchAll(/\^(\d+)/g), ([, major]) => major));
  });
});

/** Everything that tells a contributor what to run and to read. */
const PAPERS = [
  ...names.map((name) => FORMS + name),
  '.github/pull_request_template.md',
  'CONTRIBUTING.md',
  'CODE_OF_CONDUCT.md',
];

const found = (paper: string, pattern: RegExp) =>
  Array.from(text(paper).matchAll(pattern), ([, first = '']) => first);

describe.each(PAPERS)('%s', (paper) => {
  test('names scripts that exist', () => {
    const used = found(paper, /npm run (?:--\w+ )?([\w:-]+)/g);
    expect(used.filter((name) => !(name in scripts))).toEqual([]);
  });

  test('names commands that exist', () => {
    const { commands } = createProgram(new FakeIo());
    const known = new Set(commands.map((command) => command.name()));
    const used = found(paper, /npx nestjs-freelance (\w[\w-]*)/g);
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });

  test('names files that exist', () => {
    const files = found(
      paper,
      /((?:(?:lib|docs|test|scripts|sample|protocol|\.ci|\.github)\/[\w.][\w./-]*|\b[A-Z_]{5,})\.(?:md|mjs|ts|json|yml))/g,
    );
    expect(files.filter((file) => !existsSync(new URL(file, root)))).toEqual([]);
  });
});

test('the papers name what these tests look for', () => {
  const all = PAPERS.map(text).join('\n');
  for (const part of [
    'npm run lint',
    'npx nestjs-freelance doctor',
    'docs/testing.md',
    'SECURITY.md',
  ]) {
    expect(all).toContain(part);
  }
});

describe('docs/versions.md', () => {
  const page = text('docs/versions.md');

  test('names every path that can be imported', () => {
    const paths = Object.keys(exports)
      .filter((path) => !path.endsWith('.json'))
      .map((path) => `\`nestjs-freelance${path.slice(1)}\``);
    expect(paths.filter((path) => !page.includes(path))).toEqual([]);
  });

  test('states the versions of Node and Nest that package.json does', () => {
    const ranges = [
      engines.node,
      ...['@nestjs/core', '@nestjs/common', '@nestjs/microservices'].map(
        (name) => peerDependencies[name] ?? '',
      ),
    ];
    for (const range of ranges) {
      expect(page).toContain(`\`${range.replaceAll('|', String.raw`\|`)}\``);
    }
    for (const name of ['rxjs', 'reflect-metadata']) {
      expect(page).toContain(`\`${peerDependencies[name]}\``);
    }
  });

  test('names the versions of Node that CI tests with', () => {
    const workflow = parse(text('.github/workflows/ci.yml')) as {
      jobs: { test: { strategy: { matrix: { node: number[] } } } };
    };
    const { node } = workflow.jobs.test.strategy.matrix;
    expect(page).toContain(`with ${node.slice(0, -1).join(', ')} and ${node.at(-1)}`);
  });

  test('names the version of the protocol, and its capabilities', () => {
    expect(page).toContain(`It is version ${PROTOCOL_VERSION},`);
    expect(page).toContain(CAPABILITIES.map((name) => `\`${name}\``).join(', '));
  });

  test('lists what is deprecated', () => {
    const files = readdirSync(new URL('lib', root), { recursive: true, encoding: 'utf8' });
    const deprecated = files
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) =>
        found(
          `lib/${file}`,
          /@deprecated[^/]*\*\/\s*(?:(?:override|readonly|static|export|const|function) )*(\w+)/g,
        ),
      );
    expect(deprecated.length).toBeGreaterThan(0);
    expect(deprecated.filter((name) => !page.includes(`| \`${name}`))).toEqual([]);
  });
});
