import type { Outcome } from './simulation.js';

/** How many lines of the trace to show: what led to the first violation. */
const LAST_LINES = 60;

/** Describes a seed that broke a rule: which rule, how, and what led to it. */
export function failureReport(failed: Outcome, traced: Outcome): string {
  const { scenario, seed, violations, faults, engines, calls, virtualMs } = failed;
  const [first] = violations;
  const [again] = traced.violations;
  const earlier = traced.trace.length - LAST_LINES;
  return [
    `Seed ${seed} of '${scenario}' broke a rule after ${virtualMs.toFixed(2)} ms and ${calls} calls.`,
    ...violations.map(({ rule, what }) => `  ${rule}: ${what}`),
    ...(first?.rule === again?.rule
      ? []
      : [`When it was run again, it broke another one: ${again?.rule ?? 'none'}, ${again?.what}`]),
    `Clients have the engine ${engines.clients}, servers ${engines.servers}.`,
    'What went wrong in this world:',
    ...(faults.length > 0 ? faults : ['nothing']).map((fault) => `  ${fault}`),
    `What happened last${earlier > 0 ? `, after ${earlier} lines more` : ''}:`,
    ...traced.trace.slice(-LAST_LINES),
    `All of it: npm run simulate -- --scenario ${scenario} --seed ${seed} --trace`,
  ].join('\n');
}

/** Describes the results of many seeds. */
export class Summary {
  readonly #startedAt = performance.now();
  readonly #cpuBefore = process.cpuUsage();
  #seeds = 0;
  #failures = 0;
  #calls = 0;
  #steps = 0;
  #virtualMs = 0;

  get failures(): number {
    return this.#failures;
  }

  add({ calls, steps, virtualMs, violations }: Outcome): void {
    this.#seeds++;
    this.#calls += calls;
    this.#steps += steps;
    this.#virtualMs += virtualMs;
    if (violations.length > 0) this.#failures++;
  }

  toString(): string {
    const { user, system } = process.cpuUsage(this.#cpuBefore);
    const cpuSeconds = (user + system) / 1e6;
    const minutes = (performance.now() - this.#startedAt) / 60_000;
    return [
      `${this.#seeds} seeds, ${this.#failures} of them broke a rule`,
      `${this.#calls} calls in ${this.#steps} steps, ${hours(this.#virtualMs)} of virtual time`,
      `${Math.round(this.#seeds / minutes)} seeds per minute, ` +
        `${Math.round(this.#calls / cpuSeconds)} calls per second of CPU`,
    ].join('\n');
  }
}

function hours(ms: number): string {
  return `${(ms / 3_600_000).toFixed(2)} hours`;
}
