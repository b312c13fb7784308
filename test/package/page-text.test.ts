import { readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { minifySync } from 'rolldown/utils';
import { expect, test } from 'vitest';
import { INDEX, PAGE_FILES } from '../../lib/dashboard/page-files.js';

const root = new URL('../../', import.meta.url);

test('the build has the page in it, scripts minified: it works in bundles', () => {
  const built = readFileSync(new URL('dist/shared/dashboard.js', root), 'utf8');
  const [, texts] = /^const texts[$\d]*=(\{.*?\});$/ms.exec(built) ?? [];
  const page = runInNewContext(`(${texts})`) as Record<string, string>;
  expect(Object.keys(page).toSorted()).toEqual([INDEX, ...PAGE_FILES].toSorted());
  for (const [name, text] of Object.entries(page)) {
    const source = readFileSync(new URL(`lib/dashboard/page/${name}`, root), 'utf8');
    const isScript = name.endsWith('.js');
    expect(text).toBe(isScript ? minifySync(name, source, { module: true }).code : source);
  }
  // A bundle in ES modules has no `__dirname`, and no other files beside it.
  expect(built).not.toMatch(/__dirname/);
});
