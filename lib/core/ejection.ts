import { restAfter } from './outlier-ejection.js';

/**
 * The circuit breaker of one server: whether the server is ejected because of what became of its calls. An ejected server
 * rests: it gets no calls but a trial, or what no other server can take. `health.ts` feeds it, and derives the tier from it.
 *
 * ```
 *            maxFailures timeouts in a row,
 *            or an outlier                       `until` has passed
 *   closed ────────────────────────────▶ open ────────────────────────▶ half-open
 *     ▲ ▲                                 │ ▲                             │  │
 *     │ └─────────────────────────────────┘ └─────────────────────────────┘  │
 *     │     a call is answered                 the trial times out, or fails │
 *     └──────────────────────────────────────────────────────────────────────┘
 *                              the trial is answered
 * ```
 *
 * Half-open, the server gets one call as a trial. A server that was ejected as an outlier has answered its calls all along, so
 * only the answer to the trial closes its breaker: a success, or a failure if the server fails no more often than the others.
 * Source: M. Nygard, "Release It!", circuit breaker.
 */
export type Ejection = Readonly<
  | (Counts & { state: 'closed' })
  | (Counts & {
      state: 'open';
      until: number;
      /** Whether it was ejected for failing far more of its calls than the others. */
      isOutlier: boolean;
    })
  | (Counts & {
      state: 'half-open';
      /** `trial`: the next call will be the trial. `answer`: the trial has been sent. */
      waitsFor: 'trial' | 'answer';
      isOutlier: boolean;
    })
>;

interface Counts {
  /** Calls in a row that timed out. */
  readonly timeouts: number;
  /** Ejections in a row, without an answer that closed the breaker: each rest is longer than the one before. */
  readonly ejections: number;
}

export interface EjectionPolicy {
  readonly maxFailures: number;
  /** Whether one more server may rest. */
  readonly mayEject: () => boolean;
  /** How long the first rest is, in ms. Source: Envoy, `base_ejection_time`. */
  readonly baseEjectionTime: number;
}

/** Closed, and nothing is held against the server. */
export const SOUND: Ejection = { state: 'closed', timeouts: 0, ejections: 0 };

/** Whether an answer would change nothing: the usual case. Asked for every call. */
export function isClean({ state, timeouts, ejections }: Ejection): boolean {
  return state === 'closed' && timeouts === 0 && ejections === 0;
}

/**
 * A call timed out. `maxFailures` timeouts in a row open the breaker, as in Envoy's outlier detection; so does the timeout of a
 * trial.
 *
 * @param isReachable whether it is connected and takes calls: only such a server is ejected
 */
export function timedOut(
  ejection: Ejection,
  isReachable: boolean,
  now: number,
  policy: EjectionPolicy,
): Ejection {
  const timeouts = ejection.timeouts + 1;
  const opens =
    ejection.state === 'closed'
      ? isReachable && timeouts >= policy.maxFailures && policy.mayEject()
      : isOnTrial(ejection);
  if (!opens) return { ...ejection, timeouts };
  const ejections = ejection.ejections + 1;
  const until = now + restAfter(ejections, policy.baseEjectionTime);
  const isOutlier = ejection.state !== 'closed' && ejection.isOutlier;
  return { state: 'open', timeouts, ejections, until, isOutlier };
}

/**
 * The server is an outlier: it fails far more of its calls than the others. If it rests already, that rest goes on.
 *
 * @param times how often it was ejected as an outlier, forgiven times not counted: it rests for so many times the base time, as
 *   in gRFC A50
 */
export function ejected(
  ejection: Ejection,
  times: number,
  now: number,
  policy: EjectionPolicy,
): Ejection {
  if (ejection.state === 'open') return ejection;
  const { timeouts, ejections } = ejection;
  const until = now + restAfter(times, policy.baseEjectionTime);
  return { state: 'open', timeouts, ejections: ejections + 1, until, isOutlier: true };
}

/** A call was answered. That closes the breaker, but of an outlier only if the call was its trial. */
export function answered(ejection: Ejection, isTrial: boolean): Ejection {
  if (isClean(ejection)) return ejection;
  if (ejection.state === 'closed' || isTrial || !ejection.isOutlier) return SOUND;
  return ejection.timeouts === 0 ? ejection : { ...ejection, timeouts: 0 };
}

/** Half-opens the breaker if its rest has ended. Asked only about a server that is reachable. */
export function rested(ejection: Ejection, now: number): Ejection {
  if (ejection.state !== 'open' || now < ejection.until) return ejection;
  const { ejections, isOutlier } = ejection;
  return { state: 'half-open', waitsFor: 'trial', timeouts: 0, ejections, isOutlier };
}

/** A call was sent. If the server waited for its trial, this is it. */
export function trialBegan(ejection: Ejection): Ejection {
  return isTrialDue(ejection) ? { ...ejection, waitsFor: 'answer' } : ejection;
}

/** The trial has ended without a verdict, for example because it was cancelled: the next call is the trial. */
export function trialEnded(ejection: Ejection): Ejection {
  return isOnTrial(ejection) ? { ...ejection, waitsFor: 'trial' } : ejection;
}

/** The server was lost. When it comes back its breaker is closed; but if it is ejected again, it rests longer. */
export function forgotten({ ejections }: Ejection): Ejection {
  return ejections === 0 ? SOUND : { state: 'closed', timeouts: 0, ejections };
}

export function isTrialDue(
  ejection: Ejection,
): ejection is Extract<Ejection, { state: 'half-open' }> {
  return ejection.state === 'half-open' && ejection.waitsFor === 'trial';
}

function isOnTrial(ejection: Ejection): ejection is Extract<Ejection, { state: 'half-open' }> {
  return ejection.state === 'half-open' && ejection.waitsFor === 'answer';
}
