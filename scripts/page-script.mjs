import { readFileSync } from 'node:fs';

/** A block with the name of its file in the line above, as `**`src/server.ts`**`; or one of commands. */
const BLOCK = /(?:^\*\*`(?<file>[^`\n]+)`\*\*\n\n)?^```(?<language>\w+)\n(?<text>[\s\S]*?)^```$/gm;

/**
 * What a reader does who follows a page from its top to its end: writes its files, and runs its `sh` blocks, in one shell.
 *
 * @returns a script for `sh -e`
 */
export function scriptOf(page) {
  const steps = Array.from(
    readFileSync(page, 'utf8').matchAll(BLOCK),
    ({ groups: { file, language, text } }) => {
      if (file !== undefined) return `cat > '${file}' <<'END OF FILE'\n${text}END OF FILE\n`;
      if (language === 'sh') return text;
      throw new Error(`${page} has a block that is neither a file nor commands:\n${text}`);
    },
  );
  return steps.join('\n');
}
