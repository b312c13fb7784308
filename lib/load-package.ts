import { createRequire } from 'node:module';
import { isError } from './is-error.js';

/** What Node says where a context cannot `import()`: Jest runs CommonJS in such contexts, unless it runs ES modules as well. */
const NO_IMPORT = 'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING_FLAG';

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
    if (!isError(error) || !('code' in error) || error.code !== NO_IMPORT) throw error;
    // Such a context has what is CommonJS of this package, as this module is. Bundlers follow no such `require()`.
    const required: unknown = createRequire(__filename)(name);
    return { ...(required as object), default: required } as Package;
  }
}
