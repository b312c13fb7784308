// Checks that docs/api and the badges are up to date: generates them anew and compares.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { badges } from './badges.mjs';
import { inTemporaryFolder, root, run } from './workshop.mjs';

/** The content of each file in a folder and its subfolders, by relative path. */
function read(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return new Map(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, 'utf8')]),
  );
}

const stale = (folder, written, anew) =>
  [...new Set([...written.keys(), ...anew.keys()])]
    .filter((file) => written.get(file) !== anew.get(file))
    .map((file) => `${folder}/${file}`);

const found = stale(
  'docs/badges',
  read(join(root, 'docs/badges')),
  new Map(Object.entries(badges())),
);
inTemporaryFolder((folder) => {
  run(root, 'npx', 'typedoc', '--logLevel', 'Warn', '--out', folder);
  found.push(...stale('docs/api', read(join(root, 'docs/api')), read(folder)));
});
if (found.length > 0) {
  console.error(`Stale: ${found.join(', ')}\nRun npm run docs and commit the result.`);
  process.exitCode = 1;
}
