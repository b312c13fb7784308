import { existsSync, statSync } from 'node:fs';
import { extname, isAbsolute, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../cli-error.js';
import { packageEntry } from './package-entry.js';

/**
 * The path of the module that the user means: by a path, which may be relative to the current directory, a file URL, or a package
 * that resolves from there.
 *
 * @throws UsageError if there is no such file
 */
export function contractFile(given: string, cwd: string): string {
  const path = resolve(cwd, given.startsWith('file:') ? pathOf(given) : given);
  if (existsSync(path)) {
    if (!statSync(path).isDirectory()) return path;
    throw new UsageError(`${given} is a directory. Give the file that exports the contract`);
  }
  if (mustBePath(given)) throw new UsageError(`${given}: there is no such file in ${cwd}`);
  const entry = packageEntry(given, cwd);
  if (entry !== undefined) return entry;
  throw new UsageError(
    `${given}: there is no such file in ${cwd}, and no such package that a file there could import`,
  );
}

/** Whether Node runs such a file only in part, or not at all. */
export function isTypeScript(path: string): boolean {
  return /^\.[cm]?tsx?$/u.test(extname(path));
}

/** Whether nothing but a path is written like this. */
function mustBePath(given: string): boolean {
  return isAbsolute(given) || /^(?:\.|file:|[a-z]:)|\\|\.[cm]?[jt]sx?$/iu.test(given);
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    throw new UsageError(`${url} is no URL of a file on this machine`);
  }
}
