import type { Contract } from '../../contract/contract.js';
import { isError } from '../../is-error.js';
import { UsageError } from '../cli-error.js';
import type { CliIo } from '../cli-io.js';
import { contractFile, isTypeScript } from './contract-file.js';
import { chosenContracts, type ExportedContract, exportedContracts } from './exported-contracts.js';
import { ADVICE, importModule, ModuleHangs } from './import-module.js';
import { packageVersion } from './package-version.js';

/**
 * How long a file may take to load, in ms: far longer than a compiler that is hooked into Node takes for a project. One that takes
 * longer waits for something.
 */
const LONGEST_LOAD_MS = 30_000;

/** Contracts of a file. */
export interface LoadedContracts {
  /** Those that the user wants. */
  readonly contracts: readonly Contract[];
  /** All that the file exports. */
  readonly all: readonly Contract[];
  /** That of their package. */
  readonly version: string;
}

export interface LoadOptions {
  /** The names of the exports; all contracts if there are none. */
  readonly names?: readonly string[] | undefined;
  readonly cwd?: string;
  /** In ms. */
  readonly timeout?: number;
}

/**
 * Loads contracts of a file, or of a package.
 *
 * @throws UsageError that says what is wrong with it
 */
export async function loadContracts(
  given: string,
  { interrupted }: Pick<CliIo, 'interrupted'>,
  { names = [], cwd = process.cwd(), timeout = LONGEST_LOAD_MS }: LoadOptions = {},
): Promise<LoadedContracts> {
  const path = contractFile(given, cwd);
  let exported: readonly ExportedContract[];
  try {
    const exports = await importModule(path, { timeout, signal: interrupted });
    exported = exportedContracts(exports, given);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${given} cannot be loaded: ${reasonOf(error, path, timeout)}`);
  }
  return {
    contracts: chosenContracts(exported, names, given),
    all: exported.map(({ contract }) => contract),
    version: packageVersion(path),
  };
}

function reasonOf(error: unknown, path: string, timeout: number): string {
  if (error instanceof ModuleHangs)
    return `it has not finished after ${timeout / 1000} s. Something that it awaits at its top level does not come. ${ADVICE}`;
  const reason = isError(error) ? wordsOf(error, path) : `it throws ${String(error)}`;
  return isTypeScript(path) ? `${reason}\n${TYPESCRIPT}` : reason;
}

const TYPESCRIPT =
  'It is TypeScript, which Node does not run, or not all of it. Build it, and give the JavaScript file. Or use a loader: ' +
  "NODE_OPTIONS='--import tsx' npx nestjs-freelance …";

/** The message, and where in the user's files it comes from. */
function wordsOf({ name, message, stack = '' }: Error, path: string): string {
  const lines = stack.split('\n');
  // The stack of a SyntaxError of CommonJS begins with the place; that of an ES module has none.
  const [first = ''] = lines;
  if (/^\S.*:\d+$/u.test(first)) return `${name}: ${message} (${first})`;
  const place = lines.find((line) => /^\s+at .*:\d+:\d+\)?$/u.test(line) && !/\bnode:/u.test(line));
  if (place !== undefined) return `${name}: ${message} (${place.trim()})`;
  return name === 'SyntaxError'
    ? `${name}: ${message}. \`node ${path}\` shows where`
    : `${name}: ${message}`;
}
