import { readFileSync } from 'node:fs';
import nodeModule from 'node:module';
import { dirname, join } from 'node:path';

let version: { readonly found: string | undefined } | undefined;

/**
 * The version of `@nestjs/core`, which does not export it; undefined where the package is not on disk, as in a bundle. It is
 * looked up from the program's entry point, because no expression says both in the build, CommonJS, and in this
 * source, which tests run as ES modules, where it lies.
 */
export function nestVersion(): string | undefined {
  version ??= {
    found: versionSeenFrom(() => process.argv[1]) ?? versionSeenFrom(inWorkingDirectory),
  };
  return version.found;
}

function versionSeenFrom(fileOf: () => string | undefined): string | undefined {
  try {
    const file = fileOf();
    if (file === undefined) return undefined;
    // Not `@nestjs/core/package.json`: the exports of a package need not have it.
    // By the default import: webpack knows the named one, and warns that it cannot tell what is required here.
    const entry = nodeModule.createRequire(file).resolve('@nestjs/core');
    const text = readFileSync(join(dirname(entry), 'package.json'), 'utf8');
    const { version: found } = JSON.parse(text) as { version?: unknown };
    return typeof found === 'string' ? found : undefined;
  } catch {
    return undefined;
  }
}

/** For a program without a file, as with `node --eval`. */
const inWorkingDirectory = () => join(process.cwd(), 'package.json');
