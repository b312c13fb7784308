// Prettier's Markdown, but a table that is wider than a line is not padded: a change of one cell then changes one row, and the
// padding was a quarter of the package's pages. Prettier does so itself only where it may also unwrap all prose.
import * as markdown from 'prettier/plugins/markdown';

const { mdast } = markdown.printers;

/** Prettier takes the printer of the plugin that parsed. */
export const { parsers } = markdown;

export const printers = {
  mdast: {
    ...mdast,
    print(path, options, print) {
      const isTable = path.node.type === 'table';
      return mdast.print(path, isTable ? { ...options, proseWrap: 'never' } : options, print);
    },
  },
};
