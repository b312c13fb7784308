/**
 * Seeds that once broke a rule. Changes of the simulation turn them into other worlds, so each fault that they found also
 * has a unit test and a mutant.
 */
export const regressions: readonly Regression[] = [
  { scenario: 'anything', seed: 13, found: 'a client closed by a listener kept its timer' },
  {
    scenario: 'resets',
    seed: 29,
    found: 'a call ran on for a client whose end was heard before it',
  },
  {
    scenario: 'overflow',
    seed: 12,
    found: 'a stream waited for ever for what was lost on the way',
  },
];

export interface Regression {
  readonly scenario: string;
  readonly seed: number;
  readonly found: string;
}
