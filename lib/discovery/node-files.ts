import { type FSWatcher, watch } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Files } from './files.js';

export const nodeFiles: Files = {
  async read(path, mostBytes) {
    // Opening a pipe would block a thread until somebody writes.
    const { size } = await stat(path).then((about) => {
      if (about.isFile()) return about;
      throw new Error('it is not a file');
    });
    if (size > mostBytes) throw tooLong(mostBytes);
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(size), 0, size, 0);
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  },

  // The folder, not the file: an editor, or Kubernetes with a ConfigMap, puts another file in its place.
  watch(path, changed) {
    let watcher: FSWatcher | undefined;
    try {
      watcher = watch(dirname(path), () => changed());
      // A folder that is gone, or no more watches to have: the file is still looked at now and then.
      watcher.on('error', () => watcher?.close());
    } catch {
      // As above.
    }
    return () => watcher?.close();
  },
};

function tooLong(mostBytes: number): Error {
  return new Error(`it has more than ${mostBytes} bytes`);
}
