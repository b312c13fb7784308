import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { INDEX, PAGE_FILES } from '../../lib/dashboard/page-files.js';

const root = new URL('../../', import.meta.url);

test.each(['dist/esm', 'dist'])(
  'the build in %s has the page in it: it works in bundles',
  async (build) => {
    const file = new URL(`${build}/dashboard/page-text.js`, root);
    const built = (await import(file.href)) as { pageText: (name: string) => string };
    for (const name of [INDEX, ...PAGE_FILES]) {
      expect(built.pageText(name)).toBe(
        readFileSync(new URL(`lib/dashboard/page/${name}`, root), 'utf8'),
      );
    }
    // A bundle in ES modules has no `__dirname`, and no other files beside it.
    expect(readFileSync(file, 'utf8')).not.toMatch(/__dirname|require\(/);
  },
);
