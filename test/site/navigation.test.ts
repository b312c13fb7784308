import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { navigated, sidebar } from '../../docs/.vitepress/navigation.js';
import { pageOf } from '../../docs/.vitepress/pages.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The home page is behind the name of the site. */
const HOME = 'docs/index.md';

test('the navigation of the site names every page, once', () => {
  const isPage = (file: string) => file.endsWith('.md') && file !== HOME;
  const pages = ['.', 'docs', 'protocol', 'benchmark']
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
    .concat(readdirSync(join(root, 'sample')).map((name) => `sample/${name}/README.md`))
    .filter(isPage);
  expect(pages.length).toBeGreaterThan(40);
  expect(pages.filter((page) => pageOf(page) === undefined)).toEqual([]);
  const names = navigated().filter((file) => !file.startsWith('benchmark/results/'));
  expect(names.toSorted()).toEqual(pages.toSorted());
});

test('every page that the navigation names exists', () => {
  expect(navigated().filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test('no two files have the same page', () => {
  const pages = navigated().map(pageOf);
  expect(new Set(pages).size).toBe(pages.length);
});

test('the reference lists every page of docs/api', () => {
  const links = JSON.stringify(sidebar(root)['/api/']).match(/"link":"[^"]+"/g);
  const pages = readdirSync(join(root, 'docs/api'), { recursive: true }).map(String);
  const expected = pages
    .filter((page) => page.endsWith('.md'))
    .map((page) => `"link":"/${pageOf(`docs/api/${page}`)?.replace(/(index)?\.md$/, '') ?? ''}"`);
  expect(links?.toSorted()).toEqual(expected.toSorted());
});
