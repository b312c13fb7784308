/** What the doctor looks at, in this order. A step that does not apply to an endpoint is left out: `name` of ipc://, `tls` of tcp://. */
export type StepName =
  | 'address'
  | 'name'
  | 'connection'
  | 'tls'
  | 'greeting'
  | 'handshake'
  | 'hello'
  | 'clock'
  | 'latency';

/** What a step has measured, for programs. It survives JSON. */
export type Facts = Readonly<Record<string, unknown>>;

/** What a step has found if nothing is wrong, and what the next one needs of it. */
export interface Finding<Value> {
  readonly value: Value;
  /** One line. */
  readonly summary: string;
  /** Whether there was nothing to find out. */
  readonly isSkipped?: boolean;
  /** What is worth to know, a line each. */
  readonly notes?: readonly string[];
  /** What works and still deserves attention, a line each. */
  readonly warnings?: readonly string[];
  readonly facts?: Facts;
}

/** A step has found what is wrong: the doctor stops there. */
export class Problem extends Error {
  /** What to do about it, a line each. */
  readonly advice: readonly string[];
  readonly facts: Facts;

  /** @param message one line */
  constructor(message: string, advice: readonly string[], facts: Facts = {}) {
    super(message);
    this.name = 'Problem';
    this.advice = advice;
    this.facts = facts;
  }
}
