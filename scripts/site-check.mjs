// Checks built pages: every link and picture leads to something that is there, and no page needs another host.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** What a browser loads by itself: scripts, styles, pictures. A link that a reader may follow is not among it. */
const LOADED =
  /<(?:script|img|source|iframe|video|audio|embed|object)\b[^>]*?\s(?:src|srcset|data)="([^"]*)"/g;
const LINKED = /<link\b[^>]*?\shref="([^"]*)"/g;
const IN_STYLES = /(?:url\(|@import\s+)["']?((?:https?:)?\/\/[^"')\s]+)/g;
const IN_SCRIPTS =
  /(?:\bimport|\bfetch|\bimportScripts|\bnew (?:Worker|EventSource|WebSocket))\(["'`]((?:https?:|wss?:)?\/\/[^"'`]+)/g;
const ANCHOR = /<a\b[^>]*?\shref="([^"]*)"/g;
const ID = /\sid="([^"]*)"/g;

const isElsewhere = (url) => /^(?:[a-z]+:)?\/\//i.test(url);
const isNoPath = (url) => /^(?:mailto|data|javascript|blob):/i.test(url);

const decode = (text) =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

const found = (text, pattern) => Array.from(text.matchAll(pattern), ([, first]) => decode(first));

/** The file that a server gives for a path. */
function fileAt(folder, path) {
  const file = join(folder, path);
  if (!existsSync(file)) return undefined;
  if (!statSync(file).isDirectory()) return file;
  const index = join(file, 'index.html');
  return existsSync(index) ? index : undefined;
}

/** @returns one line for everything that is wrong with the pages in a folder that is served at `base` */
export function problemsOf(folder, base) {
  const problems = [];
  const files = readdirSync(folder, { recursive: true }).map(String);
  const of = (ending) => files.filter((file) => file.endsWith(ending));
  const read = (file) => readFileSync(join(folder, file), 'utf8');

  const idsOf = new Map();
  const hasId = (file, id) => {
    if (!idsOf.has(file)) idsOf.set(file, new Set(found(readFileSync(file, 'utf8'), ID)));
    return idsOf.get(file).has(id);
  };

  function check(page, url) {
    if (isElsewhere(url) || isNoPath(url)) return;
    const { pathname, hash } = new URL(url, `http://site${base}${page}`);
    const path = decodeURIComponent(pathname);
    const file = path.startsWith(base) ? fileAt(folder, path.slice(base.length)) : undefined;
    const anchor = decodeURIComponent(hash.slice(1));
    if (file === undefined) problems.push(`${page}: ${url} leads nowhere`);
    else if (anchor !== '' && !hasId(file, anchor))
      problems.push(`${page}: ${url}: no such heading`);
  }

  for (const page of of('.html')) {
    const html = read(page);
    for (const url of found(html, ANCHOR)) check(page, url);
    for (const url of [...found(html, LOADED), ...found(html, LINKED)]) {
      if (isElsewhere(url)) problems.push(`${page}: loads ${url}`);
      else check(page, url);
    }
  }
  for (const [ending, pattern] of [
    ['.html', IN_STYLES],
    ['.css', IN_STYLES],
    ['.svg', IN_STYLES],
    ['.js', IN_SCRIPTS],
  ]) {
    for (const file of of(ending)) {
      for (const url of found(read(file), pattern)) problems.push(`${file}: loads ${url}`);
    }
  }
  if (!files.some((file) => file.includes('localSearchIndex'))) problems.push('no index to search');
  return problems;
}
