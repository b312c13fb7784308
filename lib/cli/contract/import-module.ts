import { createRequire } from 'node:module';
import { extname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { errorCode } from '../../sockets/error-code.js';
import { clearTimeout, setTimeout } from '../../node-timers.js';
import { EXIT } from '../exit-codes.js';

/** What a module exports. */
export type Exports = Readonly<Record<string, unknown>>;

/** For files that are more than contracts, such as the main file of a service. */
export const ADVICE = 'Put the contract into a file that only has contracts';

/** A module has not loaded in time, or its loading was called off. */
export class ModuleHangs extends Error {}

export interface ImportOptions {
  /** In ms. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/**
 * Imports a module of the user's, ES module or CommonJS. What it prints meanwhile goes to standard error: standard output is for
 * results.
 *
 * @throws ModuleHangs, or what the module throws
 */
export async function importModule(path: string, options: ImportOptions): Promise<Exports> {
  const { timeout, signal } = options;
  const { stdout, stderr } = process;
  // oxlint-disable-next-line typescript/unbound-method -- put back as it was, and never called here
  const { write } = stdout;
  stdout.write = stderr.write.bind(stderr);
  const ended = () => {
    if (signal.aborted) return;
    process.exitCode = EXIT.usage;
    stderr.write(`error: ${path} cannot be loaded: it ends the process. ${ADVICE}\n`);
  };
  // Else the command would end as if all were well, if the file does.
  process.once('exit', ended);
  let timer: NodeJS.Timeout | undefined;
  const over = new AbortController();
  try {
    return await new Promise<Exports>((loaded, failed) => {
      const hangs = () => failed(new ModuleHangs());
      timer = setTimeout(hangs, timeout);
      signal.addEventListener('abort', hangs, { once: true, signal: over.signal });
      imported(path).then(loaded, failed);
    });
  } finally {
    clearTimeout(timer);
    over.abort();
    process.off('exit', ended);
    stdout.write = write;
  }
}

async function imported(path: string): Promise<Exports> {
  try {
    // A path of Windows is no specifier: its drive would be taken for a protocol.
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Exports;
  } catch (error) {
    const require = createRequire(path);
    // A loader such as ts-node/register hooks into `require` alone.
    if (!NOT_RUN_BY_NODE.has(errorCode(error)) || !hasHook(require, path)) throw error;
    return require(path) as Exports;
  }
}

/** What Node says to TypeScript: to any, or, from 22.18 on, to what it cannot strip. */
const NOT_RUN_BY_NODE: ReadonlySet<string | undefined> = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
]);

function hasHook({ extensions }: NodeJS.Require, path: string): boolean {
  return extname(path) in extensions;
}
