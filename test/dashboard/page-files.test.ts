import { expect, test } from 'vitest';
import { indexPage, PAGE_FILES, pageFile } from '../../lib/dashboard/page-files.js';

const scriptOf = (url: string) => /<script type="module" src="([^"]*)"/.exec(indexPage(url))?.[1];

test.each([
  ['/', './page.js'],
  ['/?token=1', './page.js'],
  ['/freelance', './freelance/page.js'],
  ['/freelance/', './page.js'],
  ['/api/v1/freelance?a=/b/c', './freelance/page.js'],
  ['/a%20b', './a%20b/page.js'],
  ['/x"><script>alert(1)</script>', './script%3E/page.js'],
  ['/x"onload=alert(1)', './x%22onload=alert(1)/page.js'],
  ['/$&', './$%26/page.js'],
])('the document at %s loads %s', (url, script) => {
  expect(scriptOf(url)).toBe(script);
});

test('every link of the document leads to a file of the page', () => {
  const names: readonly string[] = PAGE_FILES;
  const links = Array.from(indexPage('/').matchAll(/"\.\/([^"]*)"/g), ([, name = '']) => name);
  expect(links.length).toBeGreaterThan(3);
  expect(names).toEqual(expect.arrayContaining(links));
});

test('every module that a module imports is a file of the page', () => {
  const names: readonly string[] = PAGE_FILES;
  const modules = PAGE_FILES.filter((name) => name.endsWith('.js'));
  const imported = modules.flatMap((name) =>
    Array.from(
      pageFile(name).text.matchAll(/^import .* from '\.\/(.*)';$/gm),
      ([, file = '']) => file,
    ),
  );
  expect(names).toEqual(expect.arrayContaining(imported));
  // And each is imported, but for the first.
  expect(modules.filter((name) => !imported.includes(name))).toEqual(['page.js']);
});
