import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { anchorOf, pages as handwrittenPages, proseOf } from '../../scripts/code-blocks.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));

const pages = handwrittenPages().map((page) => join(root, page));

const withoutBlocks = (page: string) => proseOf(readFileSync(page, 'utf8'));

/** The anchors that GitHub gives the headings of a page. */
function anchorsOf(page: string): Set<string> {
  const headings = withoutBlocks(page).matchAll(/^#+ (.*)$/gm);
  return new Set(Array.from(headings, ([, heading = '']) => anchorOf(heading)));
}

function isBroken(page: string, link: string): boolean {
  const [path = '', anchor] = link.split('#');
  const target = path === '' ? page : join(dirname(page), path);
  if (!existsSync(target)) return true;
  return anchor !== undefined && statSync(target).isFile() && !anchorsOf(target).has(anchor);
}

const firstGroups = (text: string, pattern: RegExp) =>
  Array.from(text.matchAll(pattern), ([, first = '']) => first);

describe('the pages', () => {
  test.each(pages.map((page) => [relative(root, page), page]))(
    'every link of %s leads to a file and a heading that exist',
    (_name, page) => {
      const links = firstGroups(withoutBlocks(page).replace(/`[^`\n]*`/g, ''), /\]\(([^)\s]+)\)/g);
      const local = links.filter((link) => !/^[a-z]+:/.test(link));
      expect(local.filter((link) => isBroken(page, link))).toEqual([]);
    },
  );

  // The changelog tells of files that have gone since.
  const current = pages.filter((page) => !page.endsWith('CHANGELOG.md'));
  test.each(current.map((page) => [relative(root, page), page]))(
    'every path in %s exists',
    (_name, page) => {
      const paths = firstGroups(
        withoutBlocks(page),
        /`((?:lib|docs|test|scripts|benchmark|sample)\/[\w./-]+)`/g,
      );
      expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    },
  );
});
