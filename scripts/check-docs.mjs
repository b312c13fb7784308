// Checks that docs/api is up to date: generates it elsewhere and compares.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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

inTemporaryFolder((folder) => {
  run(root, 'npx', 'typedoc', '--logLevel', 'Warn', '--out', folder);
  const written = read(join(root, 'docs/api'));
  const anew = read(folder);
  const stale = [...new Set([...written.keys(), ...anew.keys()])].filter(
    (file) => written.get(file) !== anew.get(file),
  );
  if (stale.length > 0) {
    console.error(
      `docs/api is stale: ${stale.join(', ')}\nRun npm run docs and commit the result.`,
    );
    process.exitCode = 1;
  }
});
