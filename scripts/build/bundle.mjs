// The bundler's part of the build: one file for each room of lib. What is in the package once (plan.mjs) goes to dist/shared; the
// rest is there as CommonJS and, in dist/esm, as ES modules. Imports and exports between modules were a third of the package.
import { basename, dirname, join, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { inLines } from './dense-code.mjs';
import { roomOf } from './modules.mjs';
import { planOf } from './plan.mjs';

const LIB = resolve('lib');
const USED_BY = 'shared/used-by';

/** How a file names one of another bundle until its own place is known, and with it the way there. */
const DIST = 'dist:';

/**
 * @param texts the compiler's, by path
 * @param entries the paths of the package's entry points, as modules
 * @param program that of its command line
 * @param optional the packages that an application may do without
 * @returns the files of dist by path
 */
export async function bundle(texts, entries, program, optional) {
  const plan = planOf(texts, program);
  const sharedEntries = entries.filter(plan.isShared);
  const otherEntries = entries.filter((path) => !plan.isShared(path));

  /** Where another bundle finds a module that is loaded as a whole. */
  const outputOf = (path) =>
    sharedEntries.includes(path) ? path : `shared/later/${path.replaceAll('/', '-')}`;
  // Names move when rooms become files: these modules export them where the other bundles find them.
  const reexports = Array.from(plan.uses, ([room, uses]) => [
    `${USED_BY}/${room}.js`,
    reexportsFor(room, uses),
  ]);
  const whole = [...sharedEntries, ...plan.loadedLater].map((path) => [outputOf(path), path]);
  const shared = await bundled(new Map([...texts, ...reexports]), {
    input: new Map([...whole, ...reexports.map(([path]) => [path, path])]),
    format: 'cjs',
    nameOf: (room) => `shared/${room}.js`,
  });

  const redirect = (path, importer, kind) => {
    if (!plan.isShared(path)) return undefined;
    return kind === 'dynamic-import' ? outputOf(path) : `${USED_BY}/${roomOf(importer)}.js`;
  };
  const asCommonJs = await bundled(texts, {
    input: new Map([...otherEntries, program].map((path) => [path, path])),
    format: 'cjs',
    nameOf: (room) => (room === 'cli' ? 'bin/cli.js' : `nest/${room}.js`),
    redirect,
  });
  const asModules = await bundled(texts, {
    input: new Map(otherEntries.map((path) => [`esm/${path}`, path])),
    format: 'es',
    nameOf: (room) => `esm/nest/${room}.js`,
    redirect,
  });

  const built = new Map();
  for (const chunk of [...shared, ...asCommonJs, ...asModules]) {
    const { fileName } = chunk;
    const { code, map } = inLines({ code: chunk.code, map: chunk.map ?? undefined });
    const text = withPaths(fileName, code);
    // A file that only re-exports has no line of a source.
    if (!map) built.set(fileName, text);
    else {
      built.set(fileName, `${text}//# sourceMappingURL=${basename(fileName)}.map\n`);
      built.set(`${fileName}.map`, map);
    }
  }
  for (const path of sharedEntries) {
    const { exports } = shared.find(({ fileName }) => fileName === path);
    const from = pathBetween(`esm/${path}`, path);
    // Where a package is missing, Node 20 tells an `import()` of what requires it, and ends the process: not so if it is imported.
    const packages = importsOfChunk(shared, path).filter((name) => optional.includes(name));
    built.set(
      `esm/${path}`,
      `${packages.map((name) => `import '${name}';\n`).join('')}export { ${exports.toSorted().join(', ')} } from '${from}';\n`,
    );
  }
  return built;
}

/** @returns what a chunk imports, and what the chunks do that it imports */
function importsOfChunk(chunks, path, found = new Set()) {
  if (found.has(path)) return [];
  found.add(path);
  const { imports = [] } = chunks.find(({ fileName }) => fileName === path) ?? {};
  for (const imported of imports) importsOfChunk(chunks, imported, found);
  return [...found];
}

/** @returns the text of a module that re-exports what a room uses */
function reexportsFor(room, uses) {
  const seen = new Set();
  const exports = Array.from(uses, ([from, names]) => {
    for (const name of names) {
      if (seen.has(name)) throw new Error(`${room} uses two things called ${name}: rename one`);
      seen.add(name);
    }
    return `export { ${[...names].join(', ')} } from '${pathBetween(`${USED_BY}/${room}.js`, from)}';`;
  });
  return exports.join('\n');
}

/** @returns the chunks */
async function bundled(texts, { input, format, nameOf, redirect }) {
  const inputs = new Set(input.values());
  const bundler = await rolldown({
    input: Object.fromEntries(
      Array.from(input, ([output, path]) => [output.replace(/\.js$/, ''), join(LIB, path)]),
    ),
    platform: 'node',
    // 'strict' does not go with the groups below. A test of the package holds that entry points export what they name, and no more.
    preserveEntrySignatures: 'allow-extension',
    onLog(level, log) {
      throw new Error(`${level}: ${log.message}`);
    },
    plugins: [{ name: 'lib', ...resolution(texts, redirect) }],
  });
  const { output } = await bundler.generate({
    format,
    entryFileNames: '[name].js',
    chunkFileNames: ({ name }) => nameOf(name),
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [{ debugName: 'room', name: (id) => groupOf(id, inputs) }],
    },
    exports: 'named',
    esModule: true,
    strict: true,
    externalLiveBindings: false,
    minifyInternalExports: false,
    generatedCode: { symbols: false },
    comments: false,
    minify: { mangle: false, compress: false, codegen: { removeWhitespace: true } },
    sourcemap: 'hidden',
  });
  const chunks = output.filter((chunk) => chunk.type === 'chunk' && !isNeedless(chunk));
  refuseCircles(chunks);
  return chunks;
}

/** Modules without a circle may be in rooms that have one: a room would then read what the other has not made yet. */
function refuseCircles(chunks) {
  const importsOf = new Map(chunks.map(({ fileName, imports }) => [fileName, imports]));
  const done = new Set();
  const visit = (path, above) => {
    if (above.includes(path)) {
      const circle = [...above.slice(above.indexOf(path)), path];
      throw new Error(`files that import each other: ${circle.join(' → ')}`);
    }
    if (done.has(path)) return;
    done.add(path);
    for (const other of importsOf.get(path) ?? []) visit(other, [...above, path]);
  };
  for (const path of importsOf.keys()) visit(path, []);
}

/** Modules come from the compiler's texts instead of files. */
function resolution(texts, redirect) {
  return {
    resolveId(specifier, importer, { kind }) {
      if (importer === undefined) return specifier;
      if (!specifier.startsWith('.')) return { id: specifier, external: true };
      const id = resolve(dirname(importer), specifier);
      const other = redirect?.(pathOf(id), pathOf(importer), kind);
      return other === undefined ? id : { id: `${DIST}${other}`, external: true };
    },
    load(id) {
      const path = pathOf(id);
      if (!texts.has(path)) throw new Error(`there is no lib/${path.replace(/js$/, 'ts')}`);
      // What the build writes itself has no source.
      return { code: texts.get(path), map: texts.get(`${path}.map`) ?? { mappings: '' } };
    },
  };
}

const pathOf = (id) => relative(LIB, id);

function groupOf(id, inputs) {
  const path = pathOf(id);
  return id.startsWith(LIB) && !inputs.has(path) ? roomOf(path) : undefined;
}

/** The bundler's helpers for CommonJS. ES modules need none, but it imports the file all the same. */
const isNeedless = ({ name, exports }) => name === 'rolldown-runtime' && exports.length === 0;
const NEEDLESS = /^import"[^"]*rolldown-runtime\.js";/m;

function withPaths(fileName, code) {
  const path = new RegExp(`["'\`]${DIST}([^"'\`]+)["'\`]`, 'g');
  return code
    .replace(NEEDLESS, '')
    .replace(path, (_, to) => JSON.stringify(pathBetween(fileName, to)));
}

function pathBetween(fileName, to) {
  const path = relative(dirname(fileName), to);
  return path.startsWith('.') ? path : `./${path}`;
}
