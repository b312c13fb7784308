/** Bars that are compared with each other, and share a scale of their own. */
export interface Panel {
  readonly title: string;
  readonly bars: readonly ChartBar[];
}

export interface ChartBar {
  readonly label: string;
  readonly value: number;
  /** Of all rounds. */
  readonly low: number;
  readonly high: number;
  /** The value, as it is written beside the bar. */
  readonly text: string;
  readonly tone: Tone;
}

/** This transport, another one, or what is no transport at all. */
export type Tone = 'ours' | 'theirs' | 'limit';

export interface Chart {
  readonly title: string;
  /** How the bars are to be read. */
  readonly note: string;
  readonly columns: number;
  readonly panels: readonly Panel[];
}
