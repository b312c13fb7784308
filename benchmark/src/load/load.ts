/** What keeps a subject busy, from the moment that it is made. */
export interface Load {
  /** How many operations have begun and not ended. */
  readonly open: number;
  /** Begins nothing more. */
  stop(): void;
}
