// The code blocks of the documentation: what compiles, parses or runs them reads them here, so that all mean the same blocks.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workshop.mjs';

/** Folders with handwritten pages. */
const FOLDERS = [
  '.',
  'docs',
  'protocol',
  'benchmark',
  'test',
  'test/chaos',
  'test/hosts',
  'test/simulation',
];

/** Pages whose blocks are an application: `npm run test:apps` follows them from top to end, by `page-script.mjs`. */
export const APPLICATIONS = new Set(['docs/start.md']);

/**
 * The pages that people write, from the root on: not those that are generated.
 *
 * @returns {string[]}
 */
export function pages() {
  const samples = readdirSync(join(root, 'sample')).map((name) => `sample/${name}`);
  return [...FOLDERS, ...samples].flatMap((folder) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join(folder, name)),
  );
}

/**
 * The files of the library: its comments have examples, which `docs/api` and editors show.
 *
 * @returns {string[]}
 */
export function sources() {
  return readdirSync(join(root, 'lib'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join('lib', name));
}

/** @param {string} page */
function textOf(page) {
  const text = readFileSync(join(root, page), 'utf8');
  if (!page.endsWith('.ts')) return text;
  const lines = text.split('\n');
  return lines.map((line) => COMMENT.exec(line)?.[1] ?? '').join('\n');
}

/** A line of a doc comment. */
const COMMENT = /^\s*\* ?(.*)$/;

/**
 * @typedef {object} CodeBlock
 * @property {string} page
 * @property {number} line of the fence, from 1
 * @property {string} language the first word behind the fence
 * @property {string} info the other words
 * @property {string} code
 */

/** A fence of any kind that Markdown has, or what looks like one. */
const FENCE = /^( *)(`{3,}|~{3,})(.*)$/;

/**
 * @param {string} page or a source
 * @param {string} [text] if it is not that of the file
 * @returns {CodeBlock[]}
 */
export function blocksOf(page, text = textOf(page)) {
  /** @type {CodeBlock[]} */
  const blocks = [];
  /** @type {{ marks: string, indent: string, block: Omit<CodeBlock, 'code'>, code: string[] } | undefined} */
  let open;
  for (const [at, line] of text.split('\n').entries()) {
    const [, indent = '', marks = '', behind = ''] = FENCE.exec(line) ?? [];
    if (!open) {
      if (marks === '') continue;
      const [language = '', ...info] = behind.trim().split(/\s+/);
      open = {
        marks,
        indent,
        block: { page, line: at + 1, language, info: info.join(' ') },
        code: [],
      };
    } else if (marks.startsWith(open.marks) && behind.trim() === '') {
      blocks.push({ ...open.block, code: [...open.code, ''].join('\n') });
      open = undefined;
    } else {
      open.code.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line);
    }
  }
  if (open) throw new Error(`${page}:${open.block.line}: the block does not end`);
  return blocks;
}

/**
 * What a page says outside its blocks.
 *
 * @param {string} text
 * @returns {string}
 */
export const proseOf = (text) => text.replace(/^```[\s\S]*?^```$/gm, '');

/**
 * The anchor that GitHub gives to a heading, so that a link works there and on the site.
 *
 * @param {string} heading
 * @returns {string}
 */
export const anchorOf = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\- _]/gu, '')
    .replaceAll(' ', '-');

/** @param {CodeBlock} block */
export const placeOf = ({ page, line }) => `${page}:${line}`;
