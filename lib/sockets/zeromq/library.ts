import type * as Zeromq from 'zeromq';

let library: typeof Zeromq | undefined;

/**
 * By `import()`, here alone: a bundler that makes one ES module of all hoists whatever `import … from` it finds, also in what is
 * itself loaded by `import()` only. Such a bundle would ask for `zeromq` as soon as it starts, whichever engine it is for.
 */
export async function loadZeromq(): Promise<void> {
  library ??= await import('zeromq');
}

/** The package `zeromq`, once it is loaded. */
export function zeromq(): typeof Zeromq {
  if (!library) throw new Error('zeromq has not been loaded');
  return library;
}
