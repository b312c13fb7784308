import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { problemsOf } from '../../scripts/site-check.mjs';
import { listVersions } from '../../scripts/site-versions.mjs';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'nestjs-freelance-'));
});

afterEach(() => rmSync(folder, { recursive: true }));

function write(files: Record<string, string>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const SOUND = {
  'index.html':
    '<link rel="stylesheet" href="/docs/0.1/assets/a.css"><a href="/docs/0.1/calls.html#errors">a</a> <a href="/docs/0.1/api/">b</a> <a href="https://elsewhere.example">c</a> <a href="#top">d</a><h1 id="top">t</h1>',
  'calls.html': '<h2 id="errors">e</h2><a href="./">home</a><img src="/docs/0.1/assets/a.svg">',
  'api/index.html': '',
  'assets/a.css': 'a { background: url(data:,) }',
  'assets/a.svg': '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
  'assets/chunks/@localSearchIndexroot.js': 'const see = "https://elsewhere.example"',
};

const problems = () => problemsOf(folder, '/docs/0.1/');

test('pages whose links lead to something are in order', () => {
  write(SOUND);
  expect(problems()).toEqual([]);
});

test.each([
  ['a page that is not there', '<a class="x" href="/docs/0.1/gone.html">a</a>', 'leads nowhere'],
  ['a heading that is not there', '<a href="/docs/0.1/calls.html#gone">a</a>', 'no such heading'],
  ['a heading of this page', '<a href="#gone">a</a>', 'no such heading'],
  ['a path of another version', '<a href="/docs/calls.html">a</a>', 'leads nowhere'],
  ['a picture that is not there', '<img alt="" src="/docs/0.1/gone.png">', 'leads nowhere'],
  ['a picture of another host', '<img src="https://cdn.example/a.png">', 'loads https://cdn'],
  ['a script of another host', '<script src="//cdn.example/a.js"></script>', 'loads //cdn'],
  ['a style of another host', '<link rel="stylesheet" href="https://cdn.example/a">', 'loads'],
])('the checker of links finds %s', (_what, html, message) => {
  write({ ...SOUND, 'page.html': html });
  expect(problems()).toEqual([expect.stringContaining(message)]);
});

test.each([
  ['page.css', '@import "https://fonts.example/css";'],
  ['page.css', '@font-face { src: url(//fonts.example/a.woff2) }'],
  ['page.js', 'fetch("https://cdn.example/a.json")'],
  ['page.js', 'import("https://cdn.example/a.js")'],
])('it finds that %s loads something from another host: %s', (name, text) => {
  write({ ...SOUND, [name]: text });
  expect(problems()).toEqual([expect.stringContaining('loads')]);
});

test('it finds that there is nothing to search in', () => {
  write(SOUND);
  rmSync(join(folder, 'assets'), { recursive: true });
  expect(problems()).toContain('no index to search');
});

const listed = () => JSON.parse(readFileSync(join(folder, 'versions.json'), 'utf8')) as unknown;

test('a further version joins those that are there, and becomes the latest if it is', () => {
  write({ '0.9/index.html': 'old' });
  listVersions(folder);
  expect(listed()).toEqual({ latest: '0.9', versions: ['0.9'] });
  write({ '0.10/index.html': 'new' });
  listVersions(folder);
  expect(listed()).toEqual({ latest: '0.10', versions: ['0.10', '0.9'] });
  write({
    '0.8/index.html': 'a correction of an older one',
    '1.0/half': '',
    'other/index.html': '',
  });
  listVersions(folder);
  expect(listed()).toEqual({ latest: '0.10', versions: ['0.10', '0.9', '0.8'] });
  expect(readFileSync(join(folder, 'index.html'), 'utf8')).toContain('url=./0.10/"');
  expect(readFileSync(join(folder, 'latest/index.html'), 'utf8')).toContain('url=../0.10/"');
  expect(readFileSync(join(folder, '0.9/index.html'), 'utf8')).toBe('old');
  expect(readdirSync(folder)).toHaveLength(8);
});
