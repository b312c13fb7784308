// Builds the pages of this version into a folder of their own, beside those of other versions, and checks them:
//   npm run site -- [--out FOLDER] [--base PATH]
// `versions.json` lists what is there; the menu of every version reads it. The base is the path that the folder is served at.
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { build } from 'vitepress';
import { problemsOf } from './site-check.mjs';
import { listVersions } from './site-versions.mjs';
import { root } from './workshop.mjs';

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: join(root, 'site') },
    base: { type: 'string', default: '/' },
  },
});
const out = resolve(values.out);
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const [major, minor] = version.split('.');
const name = `${major}.${minor}`;
const base = `/${values.base}/${name}/`.replace(/\/+/g, '/');

await build(join(root, 'docs'), { base, outDir: join(out, name) });
rmSync(join(root, 'docs/.vitepress/cache'), { recursive: true, force: true });

const { versions } = listVersions(out);
console.log(`${join(out, name)}, for ${base}; versions: ${versions.join(', ')}`);

const problems = problemsOf(join(out, name), base);
for (const problem of problems) console.error(problem);
if (problems.length > 0) process.exitCode = 1;
