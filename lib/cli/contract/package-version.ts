import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ancestors } from './package-entry.js';

/** Of files that are part of no package. */
const NO_VERSION = '0.0.0';

/** The version of the package that a file is part of. */
export function packageVersion(path: string): string {
  for (const directory of ancestors(dirname(path))) {
    const version = versionIn(join(directory, 'package.json'));
    if (version !== undefined) return version;
  }
  return NO_VERSION;
}

/** Builds have manifests without a version, such as `{"type":"commonjs"}`: those do not count. */
function versionIn(manifest: string): string | undefined {
  try {
    const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version?: unknown };
    return typeof version === 'string' && version !== '' ? version : undefined;
  } catch {
    return undefined;
  }
}
