import { build } from 'esbuild';
import { native, optionalOfNest } from './externals.mjs';

await build({
  entryPoints: ['whole-life.mjs'],
  bundle: true,
  platform: 'node',
  format: 'cjs',
  outfile: 'bundles/esbuild.cjs',
  external: [...native, ...optionalOfNest],
});
