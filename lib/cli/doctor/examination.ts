import { plainText } from '../../core/plain-text.js';
import type { Clock } from '../../sockets/clock.js';
import { type Facts, type Finding, Problem, type StepName } from './finding.js';

/** What is told of one step. */
export interface StepReport {
  readonly step: StepName;
  readonly outcome: 'passed' | 'failed' | 'skipped';
  /** One line: what was found, or what is wrong. */
  readonly summary: string;
  readonly notes: readonly string[];
  readonly warnings: readonly string[];
  /** What to do, if it failed. */
  readonly advice: readonly string[];
  /** How long the step took, in ms. */
  readonly ms: number;
  readonly facts: Facts;
}

/** Runs steps one after the other, and tells of each as soon as it is done. */
export class Examination {
  readonly reports: StepReport[] = [];
  readonly #clock: Pick<Clock, 'now'>;
  readonly #tell: (report: StepReport) => void;

  constructor(clock: Pick<Clock, 'now'>, tell: (report: StepReport) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** @throws Problem once it is told that the step failed */
  async step<Value>(
    step: StepName,
    look: () => Finding<Value> | Promise<Finding<Value>>,
  ): Promise<Value> {
    const startedAt = this.#clock.now();
    const report = (rest: Pick<StepReport, 'outcome' | 'summary'> & Partial<StepReport>) => {
      const ms = this.#clock.now() - startedAt;
      const { summary, notes = [], warnings = [], advice = [], facts = {}, outcome } = rest;
      const told = {
        step,
        outcome,
        summary: plain(summary),
        notes: notes.map(plain),
        warnings: warnings.map(plain),
        advice: advice.map(plain),
        ms,
        facts,
      };
      this.reports.push(told);
      this.#tell(told);
    };
    try {
      const { value, summary, isSkipped, notes = [], warnings = [], facts = {} } = await look();
      report({ outcome: isSkipped ? 'skipped' : 'passed', summary, notes, warnings, facts });
      return value;
    } catch (error) {
      if (error instanceof Problem) {
        const { message: summary, advice, facts } = error;
        report({ outcome: 'failed', summary, advice, facts });
      }
      throw error;
    }
  }
}

/** Much of it is what a peer has said. */
function plain(line: string): string {
  return plainText(line, LONGEST_LINE);
}

const LONGEST_LINE = 2000;
