import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The text of a file of the page, from the source tree: for tests. `scripts/build.mjs` replaces this module by one that
 * contains the texts, so that the package reads no files, and works wherever a bundler puts it.
 */
export function pageText(name: string): string {
  return readFileSync(join(import.meta.dirname, 'page', name), 'utf8');
}
