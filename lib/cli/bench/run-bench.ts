import type { ClientStats } from '../../agents/client/client-stats.js';
import { ClosedLoop } from './closed-loop.js';
import type { BeginCall, Load, LoadClock, LoadListener } from './load.js';
import { type ErrorCount, type LatencySummary, Measurement } from './measurement.js';
import { OpenLoop } from './open-loop.js';
import {
  type FurtherAttempts,
  furtherAttempts,
  type ServerShare,
  sharesBetween,
} from './server-shares.js';

/** How many calls are made, and when. */
export type LoadShape =
  | { readonly type: 'closed'; readonly concurrency: number }
  | { readonly type: 'open'; readonly rate: number; readonly mostInFlight: number };

export interface BenchPlan {
  readonly load: LoadShape;
  /**
   * Calls that begin in this time are not measured, in ms: connections open, code is compiled. Measuring begins once they have
   * ended.
   */
  readonly warmUpMs: number;
  readonly durationMs: number;
  /** How long is waited for calls in flight, after the warm-up and at the end, in ms. Then they are cancelled. */
  readonly graceMs: number;
}

/** What is measured. */
export interface BenchTarget {
  readonly begin: BeginCall;
  stats(): ClientStats;
}

/** What is known while it runs. */
export interface BenchProgress {
  readonly phase: 'warming up' | 'measuring' | 'finishing';
  /** Of the phase, in ms. */
  readonly elapsedMs: number;
  readonly inFlight: number;
  readonly measured: Pick<Measurement, 'answered' | 'failed' | 'perSecond' | 'latency'>;
  /** In ms of the clock. */
  readonly now: number;
}

export interface BenchResult extends FurtherAttempts {
  /** Whether it ended before its time. */
  readonly isInterrupted: boolean;
  /** Calls that were due in the measured time and have begun. */
  readonly calls: number;
  readonly answered: number;
  readonly failed: number;
  /** Calls that were cancelled, because they took longer than everything else. */
  readonly unfinished: number;
  /** Calls that were due, and did not begin in time: the rate is more than the client, or its servers, can take. */
  readonly notBegun: number;
  /** How long calls were measured, in ms. */
  readonly elapsedMs: number;
  /** Answers per second. */
  readonly perSecond: number;
  /** Of the calls that were answered. */
  readonly latency: LatencySummary;
  /** Failed calls, by their kind. */
  readonly errors: Readonly<Record<string, ErrorCount>>;
  readonly servers: readonly ServerShare[];
}

export interface BenchDeps {
  readonly clock: LoadClock;
  /** Ends the bench early, with what was measured so far. */
  readonly interrupted: AbortSignal;
  readonly progress?: ((progress: BenchProgress) => void) | undefined;
}

/** How often progress is told, in ms. */
const PROGRESS_MS = 500;

/** How often is looked whether the last calls have ended, in ms. */
const FINISH_MS = 10;

/** Makes calls for as long as planned, and measures them. */
export async function runBench(
  plan: BenchPlan,
  target: BenchTarget,
  deps: BenchDeps,
): Promise<BenchResult> {
  const { clock, interrupted } = deps;
  const teller = (phase: BenchProgress['phase'], load: Load, measurement: Measurement) => {
    const since = clock.now();
    return () => {
      const now = clock.now();
      const { inFlight } = load;
      deps.progress?.({ phase, elapsedMs: now - since, inFlight, measured: measurement, now });
    };
  };
  if (plan.warmUpMs > 0) {
    const warmUp = loadOf(plan.load, target.begin, clock, () => () => undefined);
    const tell = teller('warming up', warmUp, new Measurement(0, 0));
    warmUp.start(clock.now() + plan.warmUpMs);
    await pause(plan.warmUpMs, deps, tell);
    warmUp.stop();
    // What the client counts from now on is of measured calls, and of all of them.
    await finish(warmUp, plan.graceMs, deps, tell);
    warmUp.cancel();
  }
  const before = target.stats();
  const from = clock.now();
  const until = from + plan.durationMs;
  const measurement = new Measurement(from, until);
  const load = loadOf(plan.load, target.begin, clock, (startedAt) => {
    measurement.callBegun(startedAt);
    return (outcome) => measurement.callEnded(startedAt, clock.now(), outcome);
  });
  if (!interrupted.aborted) {
    load.start(until);
    await pause(plan.durationMs, deps, teller('measuring', load, measurement));
  }
  load.stop();
  const endedAt = clock.now();
  await finish(load, plan.graceMs, deps, teller('finishing', load, measurement));
  const after = target.stats();
  const isMeasured = measurement.begun > 0;
  load.cancel();
  return {
    isInterrupted: interrupted.aborted,
    calls: measurement.begun,
    answered: measurement.answered,
    failed: measurement.failed,
    unfinished: measurement.begun - measurement.answered - measurement.failed,
    notBegun: isMeasured ? load.overdue : 0,
    elapsedMs: measurement.elapsedMs(endedAt),
    perSecond: measurement.perSecond(endedAt),
    latency: measurement.latency(),
    errors: Object.fromEntries(measurement.errors),
    ...furtherAttempts(before, after),
    servers: sharesBetween(before, after),
  };
}

function loadOf(
  shape: LoadShape,
  begin: BeginCall,
  clock: LoadClock,
  listener: LoadListener,
): Load {
  return shape.type === 'closed'
    ? new ClosedLoop(shape.concurrency, begin, clock, listener)
    : new OpenLoop(shape.rate, shape.mostInFlight, begin, clock, listener);
}

/** Waits for the calls in flight, but not for ever. */
async function finish(
  load: Load,
  graceMs: number,
  deps: BenchDeps,
  tell: () => void,
): Promise<void> {
  const until = deps.clock.now() + graceMs;
  while (load.inFlight > 0 && deps.clock.now() < until && !deps.interrupted.aborted) {
    await pause(FINISH_MS, deps, tell);
  }
}

/** Resolves after that many ms, or when it is interrupted. */
function pause(ms: number, { clock, interrupted }: BenchDeps, tell: () => void): Promise<void> {
  if (ms <= 0 || interrupted.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    let cancelTick: (() => void) | undefined;
    const tick = () => {
      tell();
      cancelTick = clock.after(PROGRESS_MS, tick);
    };
    const over = () => {
      cancelTimer();
      cancelTick?.();
      interrupted.removeEventListener('abort', over);
      resolve();
    };
    const cancelTimer = clock.after(ms, over);
    interrupted.addEventListener('abort', over, { once: true });
    if (ms > PROGRESS_MS) tick();
  });
}
