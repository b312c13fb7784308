import { pageText } from './page-text.js';

const TYPES = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml; charset=utf-8',
} as const;

/** The document itself; all other files are below its address. */
export const INDEX = 'index.html';

/** What the page consists of. Nothing else is ever read, whatever is asked for. */
export const PAGE_FILES = [
  'page.css',
  'theme.css',
  'icon.svg',
  'page.js',
  'announcer.js',
  'detail.js',
  'derive.js',
  'dom.js',
  'clients.js',
  'event-list.js',
  'feed.js',
  'figures.js',
  'format.js',
  'map.js',
  'moments.js',
  'patterns.js',
  'rows.js',
  'server-table.js',
  'state-mark.js',
  'table.js',
  'theme.js',
  'timeline.js',
  'travel.js',
] as const;

export type PageFile = (typeof PAGE_FILES)[number] | typeof INDEX;

const texts = new Map<PageFile, string>();

/** @returns the text of a file, which is read once, and its media type */
export function pageFile(name: PageFile): { readonly text: string; readonly type: string } {
  let text = texts.get(name);
  if (text === undefined) {
    text = pageText(name);
    texts.set(name, text);
  }
  return { text, type: TYPES[name.slice(name.lastIndexOf('.') + 1) as keyof typeof TYPES] };
}

/**
 * The document, whose links lead to the files below its own address: `/freelance` needs `freelance/page.css`, `/freelance/`
 * needs `page.css`. Both are asked for, and what is before that, such as a prefix that a proxy removes, only the browser knows.
 *
 * @param url as it was asked for, with or without a query
 */
export function indexPage(url: string): string {
  const [path = ''] = url.split('?', 1);
  const last = path.slice(path.lastIndexOf('/') + 1);
  const base = last === '' ? './' : `./${asAttribute(last)}/`;
  // A function: replacement patterns such as `$&` in the address are no patterns.
  return pageFile(INDEX).text.replaceAll('"./', () => `"${base}`);
}

/** What a browser sends is escaped already; others may send what they like. */
function asAttribute(segment: string): string {
  return segment.replaceAll(/[^\w.~%!$()*+,;=:@-]/g, (character) => encodeURIComponent(character));
}
