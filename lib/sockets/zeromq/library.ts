import type * as Zeromq from 'zeromq';
import { loadPackage } from '../../load-package.js';

let library: typeof Zeromq | undefined;

/**
 * The only `import()` of the package. A bundler that makes one ES module of everything hoists each `import … from`, even in
 * modules that are themselves loaded by `import()`: such a bundle would need `zeromq` at its start, whatever its engine.
 */
export async function loadZeromq(): Promise<void> {
  library ??= await loadPackage(() => import('zeromq'), 'zeromq');
}

/** The package `zeromq`, once it is loaded. */
export function zeromq(): typeof Zeromq {
  if (!library) throw new Error('zeromq has not been loaded');
  return library;
}
