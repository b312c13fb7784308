/**
 * Seeds that once broke a rule. What they found has a test of its own beside the code that was wrong: a
 * change of the simulation makes other worlds of them.
 */
export const regressions: readonly Regression[] = [
  { scenario: 'anything', seed: 47, found: 'a late answer was taken for that of the next attempt' },
  { scenario: 'anything', seed: 53, found: 'a stream repeated values after a timed-out attempt' },
];

export interface Regression {
  readonly scenario: string;
  readonly seed: number;
  readonly found: string;
}
