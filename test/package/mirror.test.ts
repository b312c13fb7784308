import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The layers of lib that have unit tests. A run with another version of Nest has only some of them. */
const LAYERS = [
  'agents',
  'cli',
  'contract',
  'core',
  'discovery',
  'fleet',
  'nest',
  'opentelemetry',
  'prometheus',
  'protocol',
  'security',
  'sockets',
  'telemetry',
  'terminus',
  'testing',
  'zmtp',
].filter((layer) => existsSync(join(root, 'test', layer)));

/** One suite for all engines and the simulation. */
const CONTRACT = 'sockets/contract';

/** Paths within the folder, without the ending. */
function filesOf(folder: string, layer: string, ending: string): string[] {
  return readdirSync(join(root, folder, layer), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith(ending) && !path.endsWith('.d.ts'))
    .map((path) => join(layer, path.slice(0, -ending.length)));
}

test.each(LAYERS)('each unit test of %s lies in the folder of the file that it tests', (layer) => {
  const sources = filesOf('lib', layer, '.ts');
  const folders = new Set([...sources.map(dirname), CONTRACT]);
  const isMisplaced = (path: string) => {
    const namesakes = sources.filter((source) => basename(source) === basename(path));
    return !folders.has(dirname(path)) || (namesakes.length > 0 && !namesakes.includes(path));
  };
  expect(filesOf('test', layer, '.test.ts').filter(isMisplaced)).toEqual([]);
});
