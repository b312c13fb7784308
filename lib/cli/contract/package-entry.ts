import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, isAbsolute, join } from 'node:path';
import { isObject } from '../../is-object.js';
import { errorCode } from '../../sockets/error-code.js';

/**
 * The file of a package, as it resolves from a directory: `@acme/contracts`, `@acme/contracts/orders`. Undefined if there is none.
 *
 * Node lets a program ask that for its own files only (`import.meta.resolve`), or for what `require` would load. The latter does
 * not know packages for `import` alone: for those, their `exports` are read here.
 */
export function packageEntry(specifier: string, cwd: string): string | undefined {
  try {
    const path = createRequire(join(cwd, 'package.json')).resolve(specifier);
    // Modules of Node's own have no path.
    return isAbsolute(path) ? path : undefined;
  } catch (error) {
    return errorCode(error) === 'ERR_PACKAGE_PATH_NOT_EXPORTED'
      ? importedEntry(specifier, cwd)
      : undefined;
  }
}

/** A directory, and all that it is in, up to the root. */
export function ancestors(directory: string): readonly string[] {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [directory, ...ancestors(parent)];
}

function importedEntry(specifier: string, cwd: string): string | undefined {
  const [, name = '', rest = ''] = /^((?:@[^/]+\/)?[^/]+)(.*)$/u.exec(specifier) ?? [];
  const folder = ancestors(cwd)
    .map((each) => join(each, 'node_modules', name))
    .find((each) => existsSync(join(each, 'package.json')));
  if (folder === undefined) return undefined;
  const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly exports?: unknown;
  };
  const target = targetOf(subpathOf(manifest.exports, `.${rest}`));
  return target === undefined ? undefined : join(folder, target);
}

/** Exports are those of the package itself, unless their members are subpaths. Patterns with `*` are left to `require`. */
function subpathOf(exports: unknown, subpath: string): unknown {
  const hasSubpaths =
    isObject(exports) && Object.keys(exports).some((member) => member.startsWith('.'));
  if (hasSubpaths) return exports[subpath];
  return subpath === '.' ? exports : undefined;
}

/** Source: https://nodejs.org/api/packages.html, "Conditional exports". */
const CONDITIONS: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'default']);

/** The first target whose conditions hold, in the order in which the package names them. */
function targetOf(exported: unknown): string | undefined {
  if (typeof exported === 'string') return exported;
  if (!isObject(exported)) return undefined;
  for (const [condition, each] of Object.entries(exported)) {
    const target = CONDITIONS.has(condition) ? targetOf(each) : undefined;
    if (target !== undefined) return target;
  }
  return undefined;
}
