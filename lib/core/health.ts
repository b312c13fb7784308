import {
  type Connectivity,
  type ConnectivityEvent,
  type ConnectivityPolicy,
  connecting,
  isReachable,
  nextConnectivity,
  probeDueAt,
} from './connectivity.js';
import {
  answered,
  type Ejection,
  ejected,
  type EjectionPolicy,
  forgotten,
  isClean,
  isTrialDue,
  rested,
  SOUND,
  timedOut,
  trialBegan,
  trialEnded,
} from './ejection.js';

/**
 * The health of one server, as one client sees it: two machines, and what is derived from both. Whether it is reached
 * (`connectivity.ts`), and whether what becomes of its calls has it rest (`ejection.ts`).
 */
export interface Health {
  readonly connectivity: Connectivity;
  readonly ejection: Ejection;
}

/**
 * How a server looks from a client.
 *
 * - `connecting`: it has not answered yet; it gets no calls.
 * - `alive`: it answers its heartbeats.
 * - `suspect`: a heartbeat is unanswered, or calls time out, or fail far more often than elsewhere: it gets
 *   calls only if no other server can take them, and one call as a trial. Or it says itself that it is not ready: it gets none.
 * - `draining`: it says that it is about to leave; it gets no new calls.
 * - `dead`: lost, or silent for `heartbeatTimeout`; it is probed, and gets no calls.
 */
export type HealthState = 'connecting' | 'alive' | 'suspect' | 'draining' | 'dead';

/** First choice; last resort, used only where no preferred one can take the call; or, undefined, not to be used at all. */
export type Tier = 'preferred' | 'reserve' | undefined;

export type HealthEvent =
  | ConnectivityEvent
  /** `drops`: its connection goes with it. */
  | { type: 'call timed out'; drops: boolean }
  | { type: 'call answered'; isTrial: boolean }
  /** It fails far more of its calls than the others: for so many times now. */
  | { type: 'ejected'; times: number }
  /** A call was sent to a server whose trial was due. */
  | { type: 'trial began' }
  /** That call has ended, and told nothing. */
  | { type: 'trial ended' };

export type HealthPolicy = ConnectivityPolicy & EjectionPolicy;

export interface Transition {
  readonly health: Health;
  /** Whether to replace the connection by a fresh one, now. */
  readonly reconnect: boolean;
}

export function initialHealth(now: number, policy: HealthPolicy): Health {
  return { connectivity: connecting(now, policy), ejection: SOUND };
}

export function stateOf(health: Health): HealthState {
  const { state } = health.connectivity;
  switch (state) {
    case 'alive':
      return isFailing(health) ? 'suspect' : 'alive';
    case 'silent':
    case 'unready':
      return 'suspect';
    default:
      return state;
  }
}

/** Why it is in that state, in a few words; empty where there is nothing to explain. */
export function reasonOf(health: Health): string {
  const { connectivity } = health;
  if (connectivity.state === 'dead') return connectivity.because;
  if (isFailing(health)) return 'failing';
  return stateOf(health) === 'suspect' ? connectivity.state : '';
}

export function tierOf(health: Health): Tier {
  const { connectivity, ejection } = health;
  if (!isReachable(connectivity)) return undefined;
  // One call, as a trial; the next one finds the trial under way.
  if (isFailing(health)) return isTrialDue(ejection) ? 'preferred' : 'reserve';
  return connectivity.state === 'alive' ? 'preferred' : 'reserve';
}

/** When it changes by itself. */
export function dueAt({ connectivity, ejection }: Health): number {
  return isReachable(connectivity)
    ? ejection.state === 'open'
      ? ejection.until
      : Infinity
    : probeDueAt(connectivity);
}

/** Whether another answer would tell nothing new of this server: the usual case, on every call's way. */
export function isSound({ connectivity, ejection }: Health): boolean {
  return connectivity.state === 'alive' && isClean(ejection);
}

/** Whether it is reached, and rests, or is on trial, for what became of its calls. */
export function isFailing({ connectivity, ejection }: Health): boolean {
  return ejection.state !== 'closed' && isReachable(connectivity);
}

/** Whether it gets its share of the calls, or would but for a PING that it has not answered yet. */
export function isInUse({ connectivity, ejection }: Health): boolean {
  return ejection.state === 'closed' && isReachable(connectivity);
}

/** Whether it is back in use: it starts slowly. */
export function hasRecovered(before: Health, after: Health): boolean {
  return isInUse(after) && (before.connectivity.state === 'dead' || isFailing(before));
}

/** The one place where the two machines meet. The very same health comes back where nothing has changed. */
export function transition(
  health: Health,
  event: HealthEvent,
  now: number,
  policy: HealthPolicy,
  random: () => number,
): Transition {
  const { connectivity, ejection } = health;
  switch (event.type) {
    case 'call timed out': {
      const failed = timedOut(ejection, isReachable(connectivity), now, policy);
      if (!event.drops) return stay(failed);
      return connectivityAfter({ type: 'reset' }, failed);
    }
    case 'call answered':
      return stay(answered(ejection, event.isTrial));
    case 'ejected':
      return stay(
        isReachable(connectivity) ? ejected(ejection, event.times, now, policy) : ejection,
      );
    case 'trial began':
      return stay(trialBegan(ejection));
    case 'trial ended':
      return stay(trialEnded(ejection));
    default:
      return connectivityAfter(event, ejection);
  }

  function stay(after: Ejection): Transition {
    return {
      health: after === ejection ? health : { connectivity, ejection: after },
      reconnect: false,
    };
  }

  function connectivityAfter(what: ConnectivityEvent, breaker: Ejection): Transition {
    const step = nextConnectivity(connectivity, what, now, policy, random);
    const hasChanged = step.connectivity !== connectivity;
    const after = carriedOver(breaker, step.connectivity, hasChanged, now);
    const isSame = !hasChanged && after === ejection;
    return {
      health: isSame ? health : { connectivity: step.connectivity, ejection: after },
      reconnect: step.reconnect,
    };
  }
}

/** What its connectivity means for the breaker: a rest goes on whatever becomes of the connection, unless it dies. */
function carriedOver(
  ejection: Ejection,
  connectivity: Connectivity,
  hasChanged: boolean,
  now: number,
): Ejection {
  if (isReachable(connectivity)) return rested(ejection, now);
  if (!hasChanged) return ejection;
  return connectivity.state === 'dead' ? forgotten(ejection) : trialEnded(ejection);
}
