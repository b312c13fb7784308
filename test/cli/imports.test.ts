import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const lib = fileURLToPath(new URL('../../lib', import.meta.url));

/** What a file imports when it is loaded: no types, and nothing by `import()`. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const statements = text.matchAll(/^(?:import|export) (?!type )([^;]*?)(?:from )?'([^']+)';/gms);
  return Array.from(statements)
    .filter(([, names = '']) => !/^\{(?:\s*type [^,}]+,?)+\s*\}/.test(names))
    .map(([, , from = '']) => from);
}

test('no command loads Nest before it runs: it takes half a second', () => {
  const loadsNest: string[] = [];
  const seen = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    if (seen.has(file)) return;
    seen.add(file);
    for (const from of importsOf(file)) {
      const here = [...path, relative(lib, file)];
      if (/^(?:@nestjs|rxjs|reflect-metadata)/.test(from))
        loadsNest.push([...here, from].join(' > '));
      const next = join(dirname(file), from.replace(/\.js$/, '.ts'));
      if (from.startsWith('.') && existsSync(next)) visit(next, here);
    }
  };
  visit(join(lib, 'bin/nestjs-freelance.ts'), []);
  expect(seen.size).toBeGreaterThan(50);
  expect(loadsNest).toEqual([]);
});
