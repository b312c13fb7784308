import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf, placeOf } from './code-blocks.mjs';
import { root } from './workshop.mjs';

/** The name of a file, in the last line but one above its block. */
const FILE = /^\*\*`([^`]+)`\*\*$/;

/**
 * What a reader does who follows a page from its top to its end: writes its files, and runs its `sh` blocks, in one shell.
 *
 * @param {string} page from the root on
 * @returns {string} a script for `sh -e`
 */
export function scriptOf(page) {
  const lines = readFileSync(join(root, page), 'utf8').split('\n');
  const steps = blocksOf(page).map((block) => {
    const [, file] = FILE.exec(lines[block.line - 3] ?? '') ?? [];
    if (file !== undefined) return `cat > '${file}' <<'END OF FILE'\n${block.code}END OF FILE\n`;
    if (block.language === 'sh') return block.code;
    throw new Error(`${placeOf(block)}: a block that is neither a file nor commands`);
  });
  return steps.join('\n');
}
