import { createRequire } from 'node:module';
import { isError } from './is-error.js';

/**
 * What is said where a context cannot `import()`: by Node, as Jest runs CommonJS in such contexts, unless it runs ES modules as
 * well; and by Node's `URL`, which the pools of vitest with contexts of their own hand the path of a CommonJS module.
 */
const NO_IMPORT = new Set<unknown>([
  'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG',
  'ERR_INVALID_URL',
]);

/**
 * Loads a package when it is needed.
 *
 * @param load does so by `import()`, by which bundlers find what fits the kind of module that they make
 * @param name of the package, which `require()` loads where nothing can be imported
 */
export async function loadPackage<Package>(
  load: () => Promise<Package>,
  name: string,
): Promise<Package> {
  try {
    return await load();
  } catch (error) {
    if (!isError(error) || !('code' in error) || !NO_IMPORT.has(error.code)) throw error;
    // Such a context has what is CommonJS of this package, as this module is. Bundlers follow no such `require()`.
    const required: unknown = createRequire(__filename)(name);
    return { ...(required as object), default: required } as Package;
  }
}
