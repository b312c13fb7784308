/** Keeps a subject busy from the moment of its creation. */
export interface Load {
  /** How many operations have begun and not ended. */
  readonly open: number;
  /** Starts no further operations. */
  stop(): void;
}
