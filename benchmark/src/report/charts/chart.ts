/** Bars that are compared with each other and share a scale. */
export interface Panel {
  readonly title: string;
  readonly bars: readonly ChartBar[];
}

export interface ChartBar {
  readonly label: string;
  readonly value: number;
  /** Over all rounds. */
  readonly low: number;
  readonly high: number;
  /** The value as text beside the bar. */
  readonly text: string;
  readonly tone: Tone;
}

/** This transport, another transport, or a baseline without a transport. */
export type Tone = 'ours' | 'theirs' | 'limit';

export interface Chart {
  readonly title: string;
  /** How to read the bars. */
  readonly note: string;
  readonly columns: number;
  readonly panels: readonly Panel[];
}
