// What the folder of all versions holds beside them: their list, and pages that lead to the latest.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const VERSION = /^\d+\.\d+$/;

function newestFirst(one, other) {
  const [major, minor] = one.split('.').map(Number);
  const [otherMajor, otherMinor] = other.split('.').map(Number);
  return otherMajor - major || otherMinor - minor;
}

function redirect(to) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>nestjs-freelance</title>
<meta http-equiv="refresh" content="0; url=${to}">
<a href="${to}">The latest version</a>
</html>
`;
}

/** Lists the versions that a folder holds in its `versions.json`, and leads from `/` and `/latest/` to the newest. */
export function listVersions(folder) {
  const versions = readdirSync(folder)
    .filter((name) => VERSION.test(name) && existsSync(join(folder, name, 'index.html')))
    .toSorted(newestFirst);
  const [latest] = versions;
  const list = { latest, versions };
  writeFileSync(join(folder, 'versions.json'), `${JSON.stringify(list, undefined, 2)}\n`);
  writeFileSync(join(folder, 'index.html'), redirect(`./${latest}/`));
  mkdirSync(join(folder, 'latest'), { recursive: true });
  writeFileSync(join(folder, 'latest/index.html'), redirect(`../${latest}/`));
  return list;
}
