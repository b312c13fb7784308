// Writes the version of package.json into lib/package.ts. `npm version` runs it between the two (its script `version`).
import { readFileSync, writeFileSync } from 'node:fs';

const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
const file = 'lib/package.ts';
const source = readFileSync(file, 'utf8');
const updated = source.replace(/version: '[^']*'/, `version: '${version}'`);
if (!updated.includes(`version: '${version}'`))
  throw new Error(`${file} has no version to replace`);
writeFileSync(file, updated);
