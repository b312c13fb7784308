import { clearTimeout, setTimeout } from '../../node-timers.js';

/** What a module exports. */
export type Exports = Readonly<Record<string, unknown>>;

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
export async function importModule(url: string, options: ImportOptions): Promise<Exports> {
  const { timeout, signal } = options;
  const { stdout, stderr } = process;
  // oxlint-disable-next-line typescript/unbound-method -- put back as it was, and never called here
  const { write } = stdout;
  stdout.write = stderr.write.bind(stderr);
  let timer: NodeJS.Timeout | undefined;
  const over = new AbortController();
  try {
    return await new Promise<Exports>((loaded, failed) => {
      const hangs = () => failed(new ModuleHangs());
      timer = setTimeout(hangs, timeout);
      signal.addEventListener('abort', hangs, { once: true, signal: over.signal });
      (import(/* @vite-ignore */ url) as Promise<Exports>).then(loaded, failed);
    });
  } finally {
    clearTimeout(timer);
    over.abort();
    stdout.write = write;
  }
}
