import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import type { Edit } from './mutants.js';

/** The folder in which npm runs scripts and vitest runs tests, even for code that is compiled to another folder. */
const root = process.cwd();

/** The sources of a simulation. */
const FOLDERS = ['lib', 'test/simulation', 'test/support'];

/** Compiles the library and its simulation into a folder of its own, with these edits. */
export function buildInto(folder: string, edits: readonly Edit[]): void {
  for (const file of sources()) {
    const to = join(folder, file.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(to), { recursive: true });
    const own = edits.filter((edit) => edit.file === file);
    writeFileSync(
      to,
      own.length > 0 ? compiled(own.reduce(edited, sourceOf(file))) : original(file),
    );
  }
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ type: 'module' }));
}

function sources(): string[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /(?<!\.test|\.d)\.ts$/.test(file))
      .map((file) => `${folder}/${file}`),
  );
}

function sourceOf(file: string): string {
  return readFileSync(join(root, file), 'utf8');
}

const COMPILER_OPTIONS = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };

/** Files without an edit are compiled once. */
const originals = new Map<string, string>();

function original(file: string): string {
  let text = originals.get(file);
  if (text === undefined) originals.set(file, (text = compiled(sourceOf(file))));
  return text;
}

function compiled(source: string): string {
  return ts.transpileModule(source, { compilerOptions: COMPILER_OPTIONS }).outputText;
}

/** @throws if the text does not occur exactly once: the code has changed, and the mutant has to follow */
function edited(source: string, { file, find, replace }: Edit): string {
  const [before, after, ...more] = source.split(find);
  if (before === undefined || after === undefined || more.length > 0) {
    throw new Error(`${file} should contain this once: ${find}`);
  }
  return before + replace + after;
}
