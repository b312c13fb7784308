// Builds dist: the package as CommonJS, with types; in dist/esm as ES modules; both with source maps.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';
import { lineMappings } from './line-mappings.mjs';

const OUT = 'dist';
const PAGE = 'lib/dashboard/page';

const CODE_ONLY = { declaration: false, removeComments: true };
const MODULES = {
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  outDir: resolve(OUT, 'esm'),
};

const IMPORTS = /(?:\bfrom |\bimport |\bimport\()["'](\.[^"']+)["']/g;

/** Lines that the compiler has indented, with four spaces a level. */
const INDENTED = /^(?: {4})+/gm;
const tabs = (spaces) => '\t'.repeat(spaces.length / 4);

rmSync(OUT, { recursive: true, force: true });
if (process.argv.includes('--clean')) process.exit(0);

const started = performance.now();
process.stderr.write(`compiling ${OUT} … `);
const built = compileCommonJs();
for (const [path, text] of compile(MODULES)) built.set(`esm/${path}`, text);
const pageTexts = Object.fromEntries(
  readdirSync(PAGE)
    .filter((name) => name !== 'tsconfig.json')
    .map((name) => [name, readFileSync(join(PAGE, name), 'utf8')]),
);
for (const path of built.keys()) {
  if (/^(esm\/)?dashboard\/page-(folder|text\.js\.map)/.test(path)) built.delete(path);
}
// With the files of the page in it, so that bundles have them as well.
const pageModule = `const texts = ${JSON.stringify(pageTexts, undefined, 1)};
const pageText = (name) => texts[name];
`;
built.set('esm/dashboard/page-text.js', `${pageModule}export { pageText };\n`);
built.set('dashboard/page-text.js', `"use strict";\n${pageModule}exports.pageText = pageText;\n`);
dropUnreachedTypes();
dropUnreachedModules();
// Tell Node how to read the .js files of a folder, independently of the package's own type.
built.set('package.json', '{"type":"commonjs"}\n');
built.set('esm/package.json', '{"type":"module"}\n');

for (const [path, text] of built) {
  mkdirSync(join(OUT, dirname(path)), { recursive: true });
  writeFileSync(join(OUT, path), text);
}
process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1)} s\n`);

/** What `tsc -p tsconfig.build.json` writes, but for comments: types have them, JavaScript does not. */
function compileCommonJs() {
  const program = checked({});
  const types = emitted(program, true);
  // The same program, which has checked all: another one would have to once more.
  Object.assign(program.getCompilerOptions(), CODE_ONLY);
  return new Map([
    ...compact(emitted(program)),
    ...Array.from(types)
      .filter(([path]) => /\.d\.[cm]?ts$/.test(path))
      .map(([path, text]) => [path, withNestAsModules(text).replace(INDENTED, tabs)]),
  ]);
}

function compile(options) {
  return compact(emitted(checked({ ...options, ...CODE_ONLY })));
}

/** A program without errors. */
function checked(more) {
  const { options, fileNames, errors } = ts.getParsedCommandLineOfConfigFile(
    'tsconfig.build.json',
    {},
    { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (error) => fail([error]) },
  );
  const program = ts.createProgram(fileNames, { ...options, ...more });
  fail([...errors, ...ts.getPreEmitDiagnostics(program)]);
  return program;
}

/** @returns the texts by their paths below the output folder */
function emitted(program, onlyTypes = false) {
  const out = program.getCompilerOptions().outDir;
  const texts = new Map();
  const write = (path, text) => texts.set(relative(out, resolve(path)), text);
  fail(program.emit(undefined, write, undefined, onlyTypes).diagnostics);
  return texts;
}

/** Code indented with tabs, and maps of its lines. */
function compact(texts) {
  const smaller = new Map();
  for (const [path, text] of texts) {
    if (path.endsWith('.map')) continue;
    const { sources, mappings: all } = JSON.parse(texts.get(`${path}.map`));
    const code = indentWithTabs(text);
    const mappings = lineMappings(all, text, code);
    smaller.set(path, code);
    smaller.set(`${path}.map`, JSON.stringify({ version: 3, sources, names: [], mappings }));
  }
  return smaller;
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

/** @returns the paths of `exports` below dist, by one of their conditions */
function entriesFor(pathOf) {
  const { exports } = JSON.parse(readFileSync('package.json', 'utf8'));
  return Object.values(exports)
    .filter((entry) => typeof entry === 'object')
    .map((entry) => relative(OUT, pathOf(entry)));
}

/** @returns these files of dist and all that they lead to, of those with that ending */
function reach(entries, ending) {
  const reached = new Set(entries);
  for (const path of reached) {
    for (const [, name] of built.get(path)?.matchAll(IMPORTS) ?? []) {
      reached.add(join(dirname(path), name.replace(/\.js$/, ending)));
    }
  }
  return reached;
}

/**
 * Keeps the types that entry points lead to. They are those of CommonJS; ES modules get them by a file of their own, since TypeScript
 * tells the two by the ending.
 */
function dropUnreachedTypes() {
  const entries = entriesFor(({ require }) => require.types);
  const reached = reach(entries, '.d.ts');
  for (const path of built.keys()) {
    if (/\.d\.[cm]?ts$/.test(path) && !reached.has(path)) built.delete(path);
  }
  for (const entry of entries) {
    const file = entry.slice(entry.lastIndexOf('/') + 1).replace(/d\.ts$/, 'js');
    built.set(entry.replace(/ts$/, 'mts'), `export * from './${file}';\n`);
  }
}

/** The command line is CommonJS. */
function dropUnreachedModules() {
  const entries = entriesFor((entry) => entry.import.default);
  const reached = reach(entries, '.js');
  for (const path of built.keys()) {
    if (path.startsWith('esm/') && !reached.has(path.replace(/\.map$/, ''))) built.delete(path);
  }
}
