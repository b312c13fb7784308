import { type Backoff, backoffDelay } from './backoff.js';
import { restAfter } from './outlier-ejection.js';

/**
 * The health of one server, as one client sees it.
 *
 * ```
 *                 PONG             PING unanswered, maxFailures timeouts, an outlier
 *  connecting ───────────▶ alive ─────────────────────────────────▶ suspect
 *      │                    │ ▲ ◀──────────────────────────────────── │
 *      │ lost, no answer    │ │     anything heard, a call answered    │
 *      │                    │ │ PONG                                  │
 *      │    ┌───────────────┘ │                                       │
 *      ▼    ▼ lost, silent    │                         lost, silent  │
 *      dead ──────────────────┘ ◀──────────────────────────────────────┘
 *      └─▶ rests until `probeAt`, backed off with jitter, but for a minute no longer than a heartbeat interval;
 *          then probes by a fresh connection
 *
 *  suspect, for it is failing: rests until `trialAt`, then gets one call as a trial, and no other one with
 *  it; if that is answered it is alive, if not it rests for longer. One that was ejected as an outlier answers all
 *  the time: only its trial clears it, by an answer that is no failure, or if it fails no more than the others.
 *
 *  draining: the server said so in a PONG; it gets no new calls, and leaves as every state does.
 *
 *  dead, and it refuses this client (`refuses`): it is probed all the same, for the client may be authorized
 *  later; but nobody waits for it meanwhile.
 * ```
 *
 * States carry what only they need. `transition` is the one place where they change.
 */
export type Health = Readonly<Standing & State>;

type State =
  | { state: 'connecting'; probeAt: number }
  | { state: 'alive' }
  | { state: 'suspect'; because: SuspectReason; trialAt: number; trial?: Trial }
  | { state: 'draining' }
  | {
      state: 'dead';
      because: string;
      /** When it was lost, or hoped for: soon after it is probed more often. */
      since: number;
      probeAt: number;
      isProbing: boolean;
      refuses?: true;
    };

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

type Suspect = Extract<Health, { state: 'suspect' }>;

/** What a failing server that has rested waits for: a call to prove itself by, or the answer to it. */
type Trial = 'due' | 'under way';

/** `silent`: a PING is unanswered. `failing`: calls time out, or fail. `unready`: the server says so. */
export type SuspectReason = 'silent' | 'failing' | 'unready';

interface Standing {
  /** Calls in a row that timed out. */
  failures: number;
  /** Probes since the server was last heard: each makes the pause before the next one longer. */
  probes: number;
  /** How often in a row the server turned out to be failing: each time it rests longer. */
  ejections: number;
  /** Until when a failing server rests, whatever becomes of its connection meanwhile; 0 if it is not failing. */
  restsUntil: number;
  /** Whether it was ejected for failing far more of its calls than the others. */
  isOutlier: boolean;
}

export type HealthEvent =
  /** In a PONG, in a refusal, in a GOODBYE. */
  | { type: 'pong'; says: 'ready' | 'unready' | 'draining' }
  /** Any other message: proof of life. */
  | { type: 'heard' }
  /** `unauthorized`: the server does not let this client in; `unexplained`: perhaps so, if it was so before. */
  | { type: 'lost'; reason: string; cause?: 'unauthorized' | 'unexplained' | undefined }
  /** The client itself drops the connection, to be rid of what may still come on it. */
  | { type: 'reset' }
  /** A PING is unanswered for longer than a PING may take. */
  | { type: 'overdue' }
  /** Nothing was heard for `heartbeatTimeout`. */
  | { type: 'silent' }
  /** `drops`: its connection goes with it. */
  | { type: 'call timed out'; drops: boolean }
  | { type: 'call answered'; isTrial: boolean }
  /** It fails far more of its calls than the others: for so many times now. */
  | { type: 'ejected'; times: number }
  /** A call was sent to a server whose trial was due. */
  | { type: 'trial began' }
  /** That call has ended, and told nothing. */
  | { type: 'trial ended' }
  /** No other server is left: to rest longer than the policy says by now would be idle. */
  | { type: 'needed' }
  /** None was usable, and another one is again: what kept this one away may be over, too. */
  | { type: 'hoped for' }
  /** The moment that `dueAt` told has come. */
  | { type: 'due' };

export interface HealthPolicy {
  readonly maxFailures: number;
  /** Whether one more server may rest. */
  readonly mayEject: () => boolean;
  /** How long a new connection may take to show a living server, in ms. */
  readonly patience: number;
  /** Of the probes of a server that has long been dead, or that refuses this client. */
  readonly backoff: Backoff;
  /** Of the probes in the first minute after its loss. */
  readonly earlyBackoff: Backoff;
}

/**
 * How long after its loss a server is probed as often as it was pinged, in ms. Most that come back do so by then:
 * Kubernetes gives a pod 30 s to end, and restarts a container after 10, 20, 40 s (its crash back-off).
 */
const EARLY_MS = 60_000;

export interface Transition {
  readonly health: Health;
  /** Whether to replace the connection by a fresh one, now. */
  readonly reconnect: boolean;
}

export function initialHealth(now: number, policy: HealthPolicy): Health {
  return {
    state: 'connecting',
    probeAt: now + policy.patience,
    failures: 0,
    probes: 0,
    ejections: 0,
    restsUntil: 0,
    isOutlier: false,
  };
}

/** When this state changes by itself. */
export function dueAt(health: Health): number {
  switch (health.state) {
    case 'connecting':
    case 'dead':
      return health.probeAt;
    case 'suspect':
      return health.trialAt;
    case 'alive':
    case 'draining':
      return Infinity;
  }
}

/** Whether another answer would tell nothing new of this server: the usual case, on every call's way. */
export function isSound(health: Health): boolean {
  return health.state === 'alive' && health.failures === 0 && health.ejections === 0;
}

export function transition(
  health: Health,
  event: HealthEvent,
  now: number,
  policy: HealthPolicy,
  random: () => number,
): Transition {
  const standing = standingOf(health);
  const { failures, probes, ejections } = standing;
  // A refused connect costs nothing; a handshake that is refused does.
  const lostAt = health.state === 'dead' ? health.since : now;
  const wait = (refuses: boolean, chance = random) => {
    const isEarly = !refuses && now - lostAt < EARLY_MS;
    return backoffDelay(isEarly ? policy.earlyBackoff : policy.backoff, probes, chance);
  };
  const longestWait = () => wait(false, () => 1);

  switch (event.type) {
    case 'pong':
      return stay(ponged(health, event.says, now));
    case 'heard':
      return stay(
        health.state === 'suspect' && health.because === 'silent'
          ? { state: 'alive', ...standing }
          : health,
      );
    case 'lost':
      return stay(
        lost(
          event.reason,
          event.cause === 'unauthorized' || (event.cause === 'unexplained' && isRefusing(health)),
        ),
      );
    case 'reset':
      return reconnect(connecting(standing));
    case 'overdue':
      return stay(
        health.state === 'alive'
          ? { state: 'suspect', because: 'silent', trialAt: Infinity, ...standing }
          : health,
      );
    case 'silent':
      // The connection of a dead server is a probe: it lasts until the back-off brings the next.
      return health.state === 'dead' ? stay(health) : reconnect(probing('it fell silent'));
    case 'call timed out': {
      const after = timedOut(health, now, policy);
      return event.drops ? reconnect(connecting(standingOf(after))) : stay(after);
    }
    case 'call answered': {
      if (failures === 0 && ejections === 0) return stay(health);
      if (health.isOutlier && !event.isTrial)
        return stay(failures === 0 ? health : { ...health, failures: 0 });
      const forgiven = { failures: 0, ejections: 0, restsUntil: 0, isOutlier: false };
      return stay(
        isFailing(health) ? { state: 'alive', probes, ...forgiven } : { ...health, ...forgiven },
      );
    }
    case 'ejected':
      return stay(ejected(health, event.times, now, policy));
    case 'trial began':
      return stay(isTrialDue(health) ? { ...health, trial: 'under way' } : health);
    case 'trial ended':
      return stay(isOnTrial(health) ? { ...health, trial: 'due' } : health);
    case 'needed':
      // What was drawn by the same measure is not drawn anew: the sooner of two draws is none that clients are spread by.
      return stay(
        health.state === 'dead' &&
          !health.isProbing &&
          !health.refuses &&
          health.probeAt > now + longestWait()
          ? { ...health, probeAt: now + wait(false) }
          : health,
      );
    case 'hoped for':
      // As if it had just been lost.
      if (health.state !== 'dead') return stay(health);
      if (health.isProbing) return stay({ ...health, probes: 0, since: now });
      return stay({
        ...health,
        probes: 0,
        since: now,
        probeAt: Math.min(health.probeAt, now + backoffDelay(policy.backoff, 0, random)),
      });
    case 'due':
      if (dueAt(health) > now) return stay(health);
      if (health.state === 'suspect') return stay(onTrial(standing));
      return reconnect(
        health.state === 'dead'
          ? probing(health.because, health.refuses)
          : probing('it does not answer'),
      );
  }

  function connecting(from: Standing): Health {
    return { state: 'connecting', probeAt: now + policy.patience, ...from };
  }

  function lost(because: string, refuses: boolean): Health {
    return dead(because, { probeAt: now + wait(refuses), isProbing: false, probes }, refuses);
  }

  /** A fresh connection is under way: it stays until the next probe replaces it. */
  function probing(because: string, refuses = false): Health {
    const probeAt = now + policy.patience + wait(refuses);
    return dead(because, { probeAt, isProbing: true, probes: probes + 1 }, refuses);
  }

  /** What failed before is not held against a server that comes back from the dead. */
  function dead(
    because: string,
    probe: { probeAt: number; isProbing: boolean; probes: number },
    refuses: boolean,
  ): Health {
    const rest = {
      ...probe,
      since: lostAt,
      failures: 0,
      ejections,
      restsUntil: 0,
      isOutlier: false,
    };
    return { state: 'dead', because, ...rest, ...(refuses && { refuses }) };
  }
}

/** The rest is over. Source of the single call: the half-open state of M. Nygard's circuit breaker. */
function onTrial(standing: Standing): Health {
  return {
    state: 'suspect',
    because: 'failing',
    trial: 'due',
    trialAt: Infinity,
    ...standing,
    failures: 0,
  };
}

/** Whether it is time for a call that shows whether a failing server has got well. */
export function isTrialDue(health: Health): health is Suspect {
  return health.state === 'suspect' && health.trial === 'due';
}

function isOnTrial(health: Health): health is Suspect {
  return health.state === 'suspect' && health.trial === 'under way';
}

/** Whether it does not let this client in. */
export function isRefusing(health: Health): boolean {
  return health.state === 'dead' && health.refuses === true;
}

/** Whether it is back in use: it starts slowly. */
export function hasRecovered(before: Health, after: Health): boolean {
  return after.state === 'alive' && (before.state === 'dead' || isFailing(before));
}

/** Whether it rests, or is on trial, because its calls time out. */
export function isFailing(health: Health): health is Suspect {
  return health.state === 'suspect' && health.because === 'failing';
}

function standingOf({ failures, probes, ejections, restsUntil, isOutlier }: Health): Standing {
  return { failures, probes, ejections, restsUntil, isOutlier };
}

function ponged(health: Health, says: 'ready' | 'unready' | 'draining', now: number): Health {
  const standing = { ...standingOf(health), probes: 0 };
  switch (says) {
    case 'draining':
      return { state: 'draining', ...standing };
    case 'unready':
      return { state: 'suspect', because: 'unready', trialAt: Infinity, ...standing };
    case 'ready': {
      // A server whose calls time out may well answer PINGs: only its trial, or an answer, clears it.
      const { restsUntil: trialAt } = standing;
      if (trialAt === 0) return { state: 'alive', ...standing };
      if (isFailing(health) && (health.trial || now < trialAt)) return health;
      if (now >= trialAt) return onTrial(standing);
      return { state: 'suspect', because: 'failing', trialAt, ...standing };
    }
  }
}

/**
 * A server that lets `maxFailures` calls in a row time out rests for `patience`, for twice that if its
 * trial fails, and so on: the rule of Envoy's outlier detection (`base_ejection_time`).
 */
function timedOut(health: Health, now: number, policy: HealthPolicy): Health {
  const failures = health.failures + 1;
  const hasFailed = isInUse(health) && failures >= policy.maxFailures && policy.mayEject();
  if (!hasFailed && !isOnTrial(health)) return { ...health, failures };
  const ejections = health.ejections + 1;
  const restsUntil = now + restAfter(ejections, policy.patience);
  return resting({ ...standingOf(health), failures, ejections, restsUntil });
}

/** An outlier rests for `patience` times how often it was one, as in gRFC A50. Whoever rests already rests on. */
function ejected(health: Health, times: number, now: number, policy: HealthPolicy): Health {
  const hasTrial = health.state === 'suspect' && health.trial !== undefined;
  if (!isInUse(health) && !hasTrial) return health;
  const ejections = health.ejections + 1;
  const restsUntil = now + restAfter(times, policy.patience);
  return resting({ ...standingOf(health), ejections, restsUntil, isOutlier: true });
}

function resting(standing: Standing): Health {
  return { state: 'suspect', because: 'failing', trialAt: standing.restsUntil, ...standing };
}

/** Whether it gets its share of the calls, or would but for a PING that it has not answered yet. */
export function isInUse(health: Health): boolean {
  return health.state === 'alive' || (health.state === 'suspect' && health.because === 'silent');
}

function stay(health: Health): Transition {
  return { health, reconnect: false };
}

function reconnect(health: Health): Transition {
  return { health, reconnect: true };
}
