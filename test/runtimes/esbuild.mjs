import { build } from 'esbuild';
import { native, optionalOfNest } from './externals.mjs';

const common = {
  entryPoints: ['whole-life.mjs'],
  bundle: true,
  platform: 'node',
  external: [...native, ...optionalOfNest],
};

await build({ ...common, format: 'cjs', outfile: 'bundles/esbuild.cjs' });

// An ES module has no `require`, by which CommonJS in the bundle asks for Node's own modules.
const banner = {
  js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
};
await build({ ...common, format: 'esm', banner, outfile: 'bundles/esbuild.mjs' });
