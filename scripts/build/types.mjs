// The types that users can name, and those that they are made of: a third of what the compiler writes, which is all of them.
import { basename, dirname, join, relative, resolve } from 'node:path';
import { rolldown } from 'rolldown';
import { dts } from 'rolldown-plugin-dts';
import { roomOf } from './modules.mjs';

const LIB = resolve('lib');

/**
 * @param texts the compiler's, by path
 * @param entries the paths of the package's entry points, as modules
 * @returns by path, the types of each for both kinds of module
 */
export async function bundleTypes(texts, entries) {
  const names = entries.map((path) => path.replace(/\.js$/, ''));
  const bundled = await rolldown({
    input: Object.fromEntries(names.map((name) => [name, join(LIB, `${name}.d.ts`)])),
    preserveEntrySignatures: 'allow-extension',
    onLog(level, log) {
      throw new Error(`${level}: ${log.message}`);
    },
    plugins: [
      {
        name: 'lib',
        resolveId(specifier, importer) {
          if (/^[^./]/.test(specifier)) return { id: specifier, external: true };
          const path = importer ? resolve(dirname(importer), specifier) : specifier;
          return path.replace(/\.js$/, '.d.ts');
        },
        load: (id) => texts.get(relative(LIB, id)),
      },
      dts({ dtsInput: true }),
    ],
  });
  const inputs = new Set(names.map((name) => `${name}.d.ts`));
  const { output } = await bundled.generate({
    format: 'es',
    chunkFileNames: 'types/[name].d.ts',
    minifyInternalExports: false,
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        {
          debugName: 'room',
          name: (id) => (inputs.has(relative(LIB, id)) ? undefined : roomOf(relative(LIB, id))),
        },
      ],
    },
  });
  return new Map([
    ...output.map(({ fileName, code }) => [fileName, withNestAsModules(withDocsOnLines(code))]),
    ...names.map((name) => [`${name}.d.mts`, faceOf(name)]),
  ]);
}

/**
 * Nest 12 is ES modules, which the types of a CommonJS file may name only so: else TypeScript reports TS1541 and TS1479 under
 * `module: node16`. Nest 11 is what it is, either way.
 */
function withNestAsModules(types) {
  const text = types.replace(
    /^import (?:type )?(\{ .+ \}) from "(@nestjs\/[\w-]+)";$/gm,
    `import type $1 from "$2" with { "resolution-mode": "import" };`,
  );
  const other = /^.*(?:from |import\()["']@nestjs\/[\w-]+["'](?! with).*$/m.exec(text);
  if (other)
    throw new Error(`types import Nest in a way that the build does not know: ${other[0]}`);
  return text;
}

/** A comment after the code of the member before it is no doc comment of the next one: the bundler puts some there. */
const withDocsOnLines = (types) => types.replace(/([;,]) +(?=\/\*\*)/g, '$1\n');

/** TypeScript tells the two kinds of module apart by the ending. */
function faceOf(name) {
  return `export * from './${basename(name)}.js';\n`;
}
