/** What the servers answer, in either language. */
export interface Summary {
  readonly mean: number;
  readonly median: number;
  /** The standard deviation of the sample. */
  readonly deviation: number;
  /** The server. */
  readonly by: string;
}
