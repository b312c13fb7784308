import { fileURLToPath } from 'node:url';
import webpack from 'webpack';
import { native, optionalOfNest } from './externals.mjs';

const external = [...native, ...optionalOfNest];
const compiler = webpack({
  mode: 'production',
  target: 'node20',
  entry: './whole-life.mjs',
  output: {
    path: fileURLToPath(new URL('bundles', import.meta.url)),
    filename: 'webpack.cjs',
    // An engine is loaded when it is asked for: a chunk of its own.
    chunkFilename: 'webpack-[id].cjs',
  },
  externals: Object.fromEntries(external.map((name) => [name, `commonjs ${name}`])),
  // Nest finds its providers by the names of their classes.
  optimization: { minimize: false },
});

compiler.run((error, stats) => {
  // Warnings are of the expressions by which Nest requires what is optional.
  console.log(stats?.toString({ all: false, errors: true, assets: true }));
  if (error) console.error(error);
  if (error || stats?.hasErrors()) process.exitCode = 1;
});
