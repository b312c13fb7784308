import { count, ms } from './bench-report.js';
import type { BenchPlan, BenchProgress } from './run-bench.js';

/** What a terminal shows while a bench runs, in one line that is overwritten. */
export function liveLine(plan: BenchPlan, progress: BenchProgress): string {
  const { phase, elapsedMs, inFlight, measured, now } = progress;
  const flying = `${count(inFlight)} in flight`;
  if (phase === 'warming up') {
    return `warming up ${seconds(elapsedMs)}/${seconds(plan.warmUpMs)} s  ${flying}`;
  }
  const { p50Ms, p99Ms } = measured.latency();
  const done =
    phase === 'finishing'
      ? 'waiting for the last answers'
      : `${seconds(elapsedMs)}/${seconds(plan.durationMs)} s`;
  return (
    `${done}  ${count(Math.round(measured.perSecond(now)))}/s  p50 ${ms(p50Ms)}  p99 ${ms(p99Ms)}  ` +
    `${count(measured.failed)} failed  ${flying}`
  );
}

/** Returns the cursor to the beginning of the line, and erases it. Source: ECMA-48, EL. */
export const ERASE_LINE = '\r\u001B[2K';

function seconds(value: number): string {
  return (value / 1000).toFixed(0);
}
