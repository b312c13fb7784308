/** What is asked about files. */
export interface Files {
  /** @throws if there is none, it cannot be read, or it is longer than that */
  read(path: string, mostBytes: number): Promise<string>;
  /**
   * Tells when something in the folder of that file may have changed. It may miss changes, and it tells of others.
   *
   * @returns ends that
   */
  watch(path: string, changed: () => void): () => void;
}
