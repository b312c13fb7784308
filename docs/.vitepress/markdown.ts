import { statSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import type { MarkdownOptions, MarkdownRenderer } from 'vitepress';
import { anchorOf } from '../../scripts/code-blocks.mjs';
import { pageOf } from './pages.js';

/** What a link to a file becomes: of the site if it is no page, and not code either. */
type Target = { page: string } | { file: string } | 'nothing';

/** HTML that the pages use. Everything else, such as `<T>`, is text. */
const TAG = /^<\/?(?:br|details|img|kbd|picture|source|sub|summary|sup)(?:\s[^>]*)?>$/;

/** Files that a reader may want to have. Links to the code lead nowhere here: the site does not contain it. */
const DATA = /\.(?:json|png|svg|txt|webp|ya?ml)$/;

/** Vue reads what Markdown becomes as a template, where {{ begins an expression. */
const withoutExpressions = (html: string) => html.replaceAll('{{', '&#123;&#123;');

const escaped = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A picture for each colour scheme follows the reader's choice here, not only that of the system. */
const pictured = (html: string) =>
  html.replace(
    /<picture>\s*<source media="\(prefers-color-scheme: dark\)" srcset="([^"]+)">\s*<img alt="([^"]*)" src="([^"]+)">\s*<\/picture>/g,
    '<img class="in-dark" alt="$2" src="$1"><img class="in-light" alt="$2" src="$3">',
  );

function safe(html: string): string {
  const parts = pictured(html.replace(/<!--[\s\S]*?-->/g, '')).split(/(<[^>]*>)/);
  const kept = parts.map((part) => (TAG.test(part) ? part : withoutExpressions(escaped(part))));
  // Vite takes a path for that of a package unless it begins with a dot.
  return kept.join('').replace(/ src="(?=[\w])(?!\w+:)/g, ' src="./');
}

export interface SiteMarkdown {
  /** For VitePress: `markdown`. */
  readonly options: MarkdownOptions;
  /** Files that pages link to, which the site has to contain. */
  readonly files: ReadonlySet<string>;
}

/** Makes pages that are written for GitHub right for the site. */
export function siteMarkdown(root: string): SiteMarkdown {
  const files = new Set<string>();

  function targetOf(source: string, path: string): Target {
    const file = normalize(join(dirname(source), decodeURI(path))).replace(/\/$/, '');
    const stat = statSync(join(root, file), { throwIfNoEntry: false });
    if (stat === undefined) return 'nothing';
    const page = pageOf(stat.isDirectory() ? join(file, 'README.md') : file);
    if (page !== undefined) return { page };
    if (file === 'LICENSE') return { file: 'LICENSE' };
    return stat.isFile() && DATA.test(file) ? { file } : 'nothing';
  }

  const install = (md: MarkdownRenderer) => {
    // A colon before a bracket is one.
    md.core.ruler.disable('emoji');
    md.core.ruler.push('repository', (state) => {
      // `realPath` is where it lies, `path` where the site has it. A title alone has neither, and nothing to change.
      const env = state.env as { path?: string; realPath?: string };
      const path = env.realPath ?? env.path;
      if (path === undefined) return;
      const source = relative(root, path);
      for (const token of state.tokens) {
        if (token.type === 'html_block') token.content = safe(token.content);
        let isLinkDropped = false;
        for (const child of token.children ?? []) {
          if (child.type === 'html_inline') child.content = safe(child.content);
          if (child.type === 'link_open') {
            const href = child.attrGet('href') ?? '';
            if (/^(?:[a-z]+:|#)/i.test(href)) continue;
            const [to = '', anchor] = href.split('#');
            const target = targetOf(source, to);
            if (target === 'nothing') {
              isLinkDropped = true;
            } else if ('page' in target) {
              child.attrSet('href', `/${target.page}${anchor === undefined ? '' : `#${anchor}`}`);
              continue;
            } else {
              files.add(target.file);
              child.attrSet('href', `/${published(target.file)}`);
              continue;
            }
          }
          if (isLinkDropped && child.type.startsWith('link_')) {
            isLinkDropped = child.type === 'link_open';
            child.type = 'text';
            child.content = '';
          }
        }
      }
    });
    // Blocks of code, VitePress marks as no templates.
    for (const name of ['text', 'code_inline']) {
      const rule = md.renderer.rules[name];
      md.renderer.rules[name] = (...args) => withoutExpressions(rule?.(...args) ?? '');
    }
  };
  return {
    options: {
      anchor: { slugify: anchorOf },
      // Braces are text on GitHub.
      attrs: { disable: true },
      languageAlias: { promql: 'sql' },
      config: install,
    },
    files,
  };
}

/** The path of a file on the site: one without an extension would be taken for a page. */
export const published = (file: string): string => (file === 'LICENSE' ? 'LICENSE.txt' : file);
