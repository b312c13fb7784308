import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createMarkdownRenderer, type MarkdownRenderer } from 'vitepress';
import { beforeAll, expect, test } from 'vitest';
import { createSSRApp } from 'vue';
import { renderToString } from 'vue/server-renderer';
import { siteMarkdown } from '../../docs/.vitepress/markdown.js';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const markdown = siteMarkdown(root);

let renderer: MarkdownRenderer;

beforeAll(async () => {
  renderer = await createMarkdownRenderer(root, markdown.options);
});

const render = (text: string, file = 'docs/page.md') =>
  renderer.render(text, { path: join(root, file), relativePath: file, cleanUrls: false });

/** The text that a reader sees: Vue takes what Markdown becomes as a template. */
async function seen(text: string): Promise<string> {
  const html = await renderToString(createSSRApp({ template: `<div>${render(text)}</div>` }));
  return html
    .replace(/<!--[\s\S]*?-->|<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .trim();
}

test.each([
  ['an expression of Vue', 'A {{ template.of.nobody }} b.', 'A {{ template.of.nobody }} b.'],
  ['an expression in a table', '| a |\n| --- |\n| {{ b.c.d }} |', '{{ b.c.d }}'],
  ['an expression in code', 'A `{{ b.c.d }}`', 'A {{ b.c.d }}'],
  ['an expression in a heading', '# The {{ b.c.d }}', 'The {{ b.c.d }}'],
  ['an expression in a tag', 'A <kbd>{{ b.c.d }}</kbd>', 'A {{ b.c.d }}'],
  ['an expression in a block', '```ts\nf({{ b.c.d }})\n```', 'f({{ b.c.d }})'],
  ['a type', 'An Observable<Type> and Map<K, V>.', 'An Observable<Type> and Map<K, V>.'],
  ['a type that is escaped', 'An Observable\\<Type\\>.', 'An Observable<Type>.'],
  ['a type on a line of its own', '<Type>\n', '<Type>'],
  ['a script', '<script setup>\nthrow 1\n</script>', '<script setup>'],
  ['braces', 'A route {id} {.class} {#anchor}', 'A route {id} {.class} {#anchor}'],
  ['colons', 'At :8) and :smile:, :/', 'At :8) and :smile:, :/'],
  ['a comment', 'A<!-- table:begin --> b', 'A b'],
  ['an entity', 'A &lt;b&gt; &amp; c', 'A <b> & c'],
])('a reader sees %s as it was written', async (_what, text, expected) => {
  expect(await seen(text)).toContain(expected);
});

test.each([
  ['[a](calls.md#errors)', '/calls.html#errors'],
  ['[a](../PROTOCOL.md)', '/protocol.html'],
  ['[a](../protocol/README.md)', '/vectors.html'],
  ['[a](../protocol)', '/vectors.html'],
  ['[a](api/README.md)', '/api/'],
  ['[a](../LICENSE)', '/LICENSE.txt'],
  ['[a](grafana/nestjs-freelance.json)', '/docs/grafana/nestjs-freelance.json'],
  ['[a](#below)', '#below'],
])('%s leads to %s', (text, href) => {
  expect(render(text)).toContain(`href="${href}"`);
});

test('the site contains the files that pages link to', () => {
  render('[a](../LICENSE), [b](grafana/nestjs-freelance.json), [c](../lib/index.ts)');
  expect([...markdown.files].toSorted()).toEqual(['LICENSE', 'docs/grafana/nestjs-freelance.json']);
});

test.each(['../lib/index.ts', '../test/README.md', '../nowhere.md'])(
  'a link to %s, which the site lacks, becomes its text',
  (path) => {
    const html = render(`See [this file](${path}) and [that](calls.md).`);
    expect(html).toContain('See this file and <a href="/calls.html"');
    expect(html.match(/<\/?a\b/g)).toHaveLength(2);
  },
);

test('a picture of the README for two colour schemes follows the switch of the site', () => {
  const html = render(
    '<picture>\n  <source media="(prefers-color-scheme: dark)" srcset="docs/d.png">\n  <img alt="It" src="docs/l.png">\n</picture>\n',
    'README.md',
  );
  expect(html).toContain('<img class="in-dark" alt="It" src="./docs/d.png">');
  expect(html).toContain('<img class="in-light" alt="It" src="./docs/l.png">');
});

test.each([
  ['What is `not` bounded?', 'what-is-not-bounded'],
  ['TCP, NATS & gRPC', 'tcp-nats--grpc'],
  ['0.1.0 – 2026-11-30', '010--2026-11-30'],
  ['Größe', 'größe'],
  ['snake_case', 'snake_case'],
])('the heading %s has the anchor that GitHub gives it', (heading, anchor) => {
  expect(render(`## ${heading}`)).toContain(`id="${anchor}"`);
});
