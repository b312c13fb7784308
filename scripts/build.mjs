// Builds dist: the package as CommonJS, with types and source maps, and for each entry point a face for ES modules.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { lineMappings } from './line-mappings.mjs';

const OUT = 'dist';
const PAGE = 'lib/dashboard/page';

/** Lines that the compiler has indented, with four spaces a level. */
const INDENTED = /^(?: {4})+/gm;
const tabs = (spaces) => '\t'.repeat(spaces.length / 4);

rmSync(OUT, { recursive: true, force: true });
if (process.argv.includes('--clean')) process.exit(0);

const started = performance.now();
process.stderr.write(`compiling ${OUT} … `);
const built = compile();
const pageTexts = Object.fromEntries(
  readdirSync(PAGE)
    .filter((name) => name !== 'tsconfig.json')
    .map((name) => [name, readFileSync(join(PAGE, name), 'utf8')]),
);
for (const path of built.keys()) {
  if (/^dashboard\/page-(folder|text\.js\.map)/.test(path)) built.delete(path);
}
// With the files of the page in it, so that bundles have them as well.
built.set(
  'dashboard/page-text.js',
  `"use strict";
Object.defineProperty(exports, "__esModule", { value: true });
exports.pageText = void 0;
const texts = ${JSON.stringify(pageTexts, undefined, 1)};
const pageText = (name) => texts[name];
exports.pageText = pageText;
`,
);
const entries = entryPoints();
for (const entry of entries) addFace(entry);
dropUnreachedTypes();
// Tells Node how to read the .js files of this folder, independently of the package's own type.
built.set('package.json', '{"type":"commonjs"}\n');

for (const [path, text] of built) {
  mkdirSync(join(OUT, dirname(path)), { recursive: true });
  writeFileSync(join(OUT, path), text);
}
process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1)} s\n`);

/** What `tsc -p tsconfig.build.json` writes, but for comments: types have them, JavaScript does not. */
function compile() {
  const { options, fileNames, errors } = ts.getParsedCommandLineOfConfigFile(
    'tsconfig.build.json',
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (error) => fail([error]) },
  );
  const program = ts.createProgram(fileNames, options);
  fail([...errors, ...ts.getPreEmitDiagnostics(program)]);
  const texts = new Map();
  const write = (path, text) => texts.set(relative(resolve(OUT), resolve(path)), text);
  fail(program.emit(undefined, write, undefined, true).diagnostics);
  // The same program, which has checked all: another one would have to once more.
  Object.assign(program.getCompilerOptions(), { declaration: false, removeComments: true });
  fail(program.emit(undefined, write).diagnostics);
  const compact = new Map();
  for (const [path, text] of texts) {
    if (/\.d\.[cm]?ts$/.test(path)) {
      compact.set(path, withNestAsModules(text).replace(INDENTED, tabs));
    } else if (!path.endsWith('.map')) {
      const map = JSON.parse(texts.get(`${path}.map`));
      const code = indentWithTabs(text);
      const mappings = lineMappings(map.mappings, text, code);
      const { sources } = map;
      compact.set(path, code);
      compact.set(`${path}.map`, JSON.stringify({ version: 3, sources, names: [], mappings }));
    }
  }
  return compact;
}

/**
 * Nest 12 is ES modules, which the types of a CommonJS file may name only so: else TypeScript reports TS1541 and TS1479 under
 * `module: node16`. Nest 11 is what it is, either way.
 */
function withNestAsModules(types) {
  return types.replace(
    /^import (?:type )?\{ (.+) \} from '(@nestjs\/[\w-]+)';$/gm,
    (_, names, from) =>
      `import type { ${names.replaceAll('type ', '')} } from '${from}' with { "resolution-mode": "import" };`,
  );
}

function fail(diagnostics) {
  if (diagnostics.length === 0) return;
  const host = {
    getCurrentDirectory: () => process.cwd(),
    getNewLine: () => '\n',
    getCanonicalFileName: (name) => name,
  };
  process.stderr.write(`failed\n${ts.formatDiagnostics(diagnostics, host)}`);
  process.exit(1);
}

/** Spaces would be a tenth of the code. Those in a template belong to its text. */
function indentWithTabs(code) {
  const templates = [];
  if (code.includes('`')) {
    const visit = (node) => {
      if (ts.isTemplateLiteralToken(node)) templates.push([node.getStart(), node.end]);
      else ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile('built.js', code, ts.ScriptTarget.ES2022, true));
  }
  const isInTemplate = (at) => templates.some(([start, end]) => start < at && at < end);
  return code.replace(INDENTED, (spaces, at) => (isInTemplate(at) ? spaces : tabs(spaces)));
}

/** The entry points of package.json, as paths below dist without their ending. */
function entryPoints() {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  return Object.values(exports)
    .filter((entry) => typeof entry === 'object')
    .map((entry) => relative(OUT, entry.require.default).replace(/\.js$/, ''));
}

/** @returns all modules of dist that these modules lead to, themselves included; and what else they ask for */
function reach(modules, pattern, pathOf) {
  const reached = new Set(modules);
  const packages = new Set();
  for (const path of reached) {
    for (const [, specifier] of built.get(path).matchAll(pattern)) {
      if (specifier.startsWith('.')) reached.add(pathOf(join(dirname(path), specifier)));
      else if (!specifier.startsWith('node:')) packages.add(specifier);
    }
  }
  return { reached, packages };
}

/**
 * The face imports the packages that the entry point requires, before it. Else the latter might require an ES module, as those
 * of Nest 12 are, while another import() is loading it, which Node cannot do.
 */
function addFace(entry) {
  // Not what it requires later, in a function.
  const required = /^(?!.*=> ).*\brequire\("([^"]+)"\)/gm;
  const { packages } = reach([`${entry}.js`], required, (path) => path);
  const file = `./${entry.slice(entry.lastIndexOf('/') + 1)}.js`;
  const imports = Array.from(packages)
    .toSorted((a, b) => a.localeCompare(b, 'en'))
    .map((name) => `import '${name}';\n`);
  built.set(`${entry}.mjs`, `${imports.join('')}export * from '${file}';\n`);
  built.set(`${entry}.d.mts`, `export * from '${file}';\n`);
}

function dropUnreachedTypes() {
  const roots = entries.map((entry) => `${entry}.d.ts`);
  const { reached } = reach(roots, /(?:from |import\()["']([^"']+)["']/g, (path) =>
    path.replace(/js$/, 'd.ts'),
  );
  for (const path of built.keys()) {
    if (path.endsWith('.d.ts') && !reached.has(path)) built.delete(path);
    if (/\.d\.[cm]ts$/.test(path) && !entries.includes(path.replace(/\.d\.mts$/, '')))
      built.delete(path);
  }
}
