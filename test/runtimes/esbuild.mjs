import { build } from 'esbuild';
import { native, optionalOfNest } from './externals.mjs';

const common = {
  entryPoints: ['whole-life.mjs'],
  bundle: true,
  platform: 'node',
  external: [...native, ...optionalOfNest],
};

await build({ ...common, format: 'cjs', outfile: 'bundles/esbuild.cjs' });

// An ES module has no `require`, by which CommonJS in the bundle asks for Node's own modules, and no `__dirname`.
const banner = {
  js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url), __dirname = import.meta.dirname;",
};
await build({ ...common, format: 'esm', banner, outfile: 'bundles/esbuild.mjs' });
