import { build } from 'esbuild';
import { native, optionalOfNest } from './externals.mjs';

const common = {
  entryPoints: ['whole-life.mjs'],
  bundle: true,
  platform: 'node',
  external: [...native, ...optionalOfNest],
};

await build({ ...common, format: 'cjs', outfile: 'bundles/esbuild.cjs' });

await build({
  ...common,
  format: 'esm',
  outfile: 'bundles/esbuild.mjs',
  // As docs/running.md says: CommonJS requires modules of Node, and esbuild's ES modules have no `require`.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);",
  },
});
