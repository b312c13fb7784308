import type { Files } from '../../lib/discovery/files.js';

/** Files that hold what a test says. */
export class FakeFiles implements Files {
  readonly texts = new Map<string, string>();
  reads = 0;
  /** Who is told of changes. */
  readonly listeners = new Set<() => void>();

  read(path: string): Promise<string> {
    this.reads++;
    const text = this.texts.get(path);
    return text === undefined
      ? Promise.reject(new Error('ENOENT: no such file or directory'))
      : Promise.resolve(text);
  }

  watch(_path: string, changed: () => void): () => void {
    const own = () => changed();
    this.listeners.add(own);
    return () => void this.listeners.delete(own);
  }

  /** The file holds that from now on, and the folder says so. */
  write(path: string, text: string): void {
    this.texts.set(path, text);
    for (const changed of this.listeners) changed();
  }
}
