import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeFiles } from '../../lib/discovery/node-files.js';
import { eventually } from '../support/eventually.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'files-'));
  path = join(folder, 'endpoints.json');
});
afterEach(() => rm(folder, { recursive: true }));

describe('a file is read', () => {
  test('whole', async () => {
    await writeFile(path, '["ä"]');
    expect(await nodeFiles.read(path, 100)).toBe('["ä"]');
  });

  test('unless it is longer than that', async () => {
    await writeFile(path, 'x'.repeat(101));
    await expect(nodeFiles.read(path, 100)).rejects.toThrow('it has more than 100 bytes');
  });

  test('unless there is none, or something else', async () => {
    await expect(nodeFiles.read(path, 100)).rejects.toThrow('ENOENT');
    await expect(nodeFiles.read(folder, 100)).rejects.toThrow('it is not a file');
  });
});

describe('changes are noticed', () => {
  /** How often a change was told, while something was done. */
  async function noticed(change: () => Promise<unknown>) {
    let changes = 0;
    const stop = nodeFiles.watch(path, () => changes++);
    try {
      await change();
      await eventually(() => expect(changes).toBeGreaterThan(0));
      return changes;
    } finally {
      stop();
    }
  }

  test('of a file that is written', async () => {
    await writeFile(path, '[]');
    expect(await noticed(() => writeFile(path, '["x"]'))).toBeGreaterThan(0);
  });

  test('of a file that comes', async () => {
    expect(await noticed(() => writeFile(path, '[]'))).toBeGreaterThan(0);
  });

  test('of a file that takes its place', async () => {
    await writeFile(path, '[]');
    await writeFile(`${path}.new`, '["x"]');
    expect(await noticed(() => rename(`${path}.new`, path))).toBeGreaterThan(0);
  });

  // Kubernetes: endpoints.json → ..data/endpoints.json, ..data → a folder.
  test('of a ConfigMap, which puts another folder in the place of its link', async () => {
    await mkdir(join(folder, 'one'));
    await mkdir(join(folder, 'two'));
    await writeFile(join(folder, 'one', 'endpoints.json'), '["one"]');
    await writeFile(join(folder, 'two', 'endpoints.json'), '["two"]');
    await symlink('one', join(folder, '..data'));
    await symlink(join('..data', 'endpoints.json'), path);
    await symlink('two', join(folder, '..new'));
    expect(await nodeFiles.read(path, 100)).toBe('["one"]');
    await noticed(() => rename(join(folder, '..new'), join(folder, '..data')));
    expect(await nodeFiles.read(path, 100)).toBe('["two"]');
  });

  test('in a folder that is not there, none are', () => {
    const stop = nodeFiles.watch(join(folder, 'none', 'endpoints.json'), () => {});
    expect(stop).not.toThrow();
  });
});
