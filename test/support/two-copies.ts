import { createRequire } from 'node:module';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const dist = fileURLToPath(new URL('../../dist/', import.meta.url));

/** Loads the built package, or of two copies the second: as if a dependency of the application had brought its own. */
export function loadCopy(): (path: string) => unknown {
  for (const file of Object.keys(require.cache)) {
    if (file.startsWith(dist)) Reflect.deleteProperty(require.cache, file);
  }
  const loaded = new Map<string, unknown>();
  for (const path of ENTRIES) loaded.set(path, require(`${dist}${path}`.replaceAll('/', sep)));
  return (path) => loaded.get(path);
}

const ENTRIES = [
  'index.js',
  'contract/index.js',
  'dashboard/index.js',
  'discovery/index.js',
  'opentelemetry/index.js',
  'prometheus/index.js',
  'terminus/index.js',
  'testing/index.js',
];
