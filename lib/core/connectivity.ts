import { type Backoff, backoffDelay } from './backoff.js';

/**
 * Whether a client reaches a server: what its PONGs say, and what becomes of its connections.
 *
 * ```
 *               PONG            PING overdue
 *  connecting ────────▶ alive ───────────────▶ silent
 *      │                 │ ▲ ◀───────────────────┘
 *      │ no answer,      │ │     anything heard
 *      │ lost            │ │ PONG
 *      ▼                 ▼ │
 *     dead ◀────────── (lost, or silent for too long) ◀── any state
 *      └─▶ probed by a fresh connection at `probeAt`: backed off with jitter, for a minute after the loss by no more than a
 *          heartbeat interval
 * ```
 *
 * `unready` and `draining` are what the last PONG said. A server that refuses this client (`refuses`) is probed like any
 * dead one, since the client may be authorized later; but nobody waits for it meanwhile.
 */
export type Connectivity = Readonly<
  | { state: 'connecting'; probeAt: number; probes: number }
  | { state: 'alive' }
  | { state: 'silent' }
  | { state: 'unready' }
  | { state: 'draining' }
  | Dead
>;

interface Dead {
  readonly state: 'dead';
  readonly because: string;
  /** When it was lost, or a peer recovered: for a minute it is probed more often. */
  readonly since: number;
  readonly probeAt: number;
  /** Probes since the server was last heard: each makes the pause before the next one longer. */
  readonly probes: number;
  /** Whether a probe is under way: its connection stays until the next probe replaces it. */
  readonly isProbing: boolean;
  /** Whether the server does not let this client in. */
  readonly refuses: boolean;
  /** Whether it had said that it leaves. */
  readonly hasLeft: boolean;
}

export type ConnectivityEvent =
  /** In a PONG, in a refusal, in a GOODBYE. */
  | { type: 'pong'; says: 'ready' | 'unready' | 'draining' }
  /** Any other message: proof of life. */
  | { type: 'heard' }
  /**
   * `unauthorized`: the server does not let this client in; `unexplained`: perhaps so, if it was so before; `another
   * service`: it is not the server that is looked for.
   */
  | {
      type: 'lost';
      reason: string;
      cause?: 'unauthorized' | 'unexplained' | 'another service' | undefined;
    }
  /** The client itself drops the connection, to be rid of what may still come on it. */
  | { type: 'reset' }
  /** A PING is unanswered for longer than a PING may take. */
  | { type: 'overdue' }
  /** Nothing was heard for `heartbeatTimeout`. */
  | { type: 'silent' }
  /** No server is usable: a longer pause than the policy says by now would be idle. */
  | { type: 'pool exhausted' }
  /** Another server is usable, when none was: what kept this one away may be over, too. */
  | { type: 'peer recovered' }
  /** The moment that `probeAt` told has come. */
  | { type: 'due' };

export interface ConnectivityPolicy {
  /** How long a new connection may take to show a living server, in ms. */
  readonly probeTimeout: number;
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

const ALIVE: Connectivity = { state: 'alive' };
const SILENT: Connectivity = { state: 'silent' };
const UNREADY: Connectivity = { state: 'unready' };
const DRAINING: Connectivity = { state: 'draining' };

export interface ConnectivityStep {
  readonly connectivity: Connectivity;
  /** Whether to replace the connection by a fresh one, now. */
  readonly reconnect: boolean;
}

export function connecting(now: number, policy: ConnectivityPolicy, probes = 0): Connectivity {
  return { state: 'connecting', probeAt: now + policy.probeTimeout, probes };
}

/** Whether it is connected and takes calls, as far as PINGs tell; one of them may be overdue. */
export function isReachable({ state }: Connectivity): boolean {
  return state === 'alive' || state === 'silent';
}

/** Whether it does not let this client in. */
export function isRefusing(connectivity: Connectivity): boolean {
  return connectivity.state === 'dead' && connectivity.refuses;
}

/** Whether it leaves on purpose, or has left: it is not missed, though discovery may name it for a while. */
export function isLeaving(connectivity: Connectivity): boolean {
  return (
    connectivity.state === 'draining' || (connectivity.state === 'dead' && connectivity.hasLeft)
  );
}

export function nextConnectivity(
  before: Connectivity,
  event: ConnectivityEvent,
  now: number,
  policy: ConnectivityPolicy,
  random: () => number,
): ConnectivityStep {
  const probes = 'probes' in before ? before.probes : 0;
  const since = before.state === 'dead' ? before.since : now;
  const hasLeft = isLeaving(before);

  switch (event.type) {
    case 'pong':
      return stay(ponged(event.says));
    case 'heard':
      return stay(before.state === 'silent' ? ALIVE : before);
    case 'overdue':
      return stay(before.state === 'alive' ? SILENT : before);
    case 'lost': {
      const refuses =
        event.cause === 'unauthorized' || (event.cause === 'unexplained' && isRefusing(before));
      const probeAt = now + pause(refuses || event.cause === 'another service');
      const because = event.reason;
      const probe = { probeAt, probes, isProbing: false };
      return stay({ state: 'dead', because, since, ...probe, refuses, hasLeft });
    }
    case 'reset':
      return reconnect(connecting(now, policy, probes));
    case 'silent':
      // The connection of a dead server is a probe: it lasts until the back-off brings the next.
      return before.state === 'dead' ? stay(before) : reconnect(probing('it fell silent', false));
    case 'due':
      if (probeDueAt(before) > now) return stay(before);
      return reconnect(
        before.state === 'dead'
          ? probing(before.because, before.refuses)
          : probing('it does not answer', false),
      );
    case 'pool exhausted':
      return stay(before.state === 'dead' ? shortened(before) : before);
    case 'peer recovered':
      return stay(before.state === 'dead' ? asIfJustLost(before) : before);
  }

  /** A refused connect costs nothing; a handshake that is refused does. */
  function pause(isOfNoUse: boolean, chance = random): number {
    const isEarly = !isOfNoUse && now - since < EARLY_MS;
    return backoffDelay(isEarly ? policy.earlyBackoff : policy.backoff, probes, chance);
  }

  function probing(because: string, refuses: boolean): Connectivity {
    const probeAt = now + policy.probeTimeout + pause(refuses);
    const probe = { probeAt, probes: probes + 1, isProbing: true };
    return { state: 'dead', because, since, ...probe, refuses, hasLeft };
  }

  /**
   * A pause that was drawn by the same measure is not drawn anew: the sooner of two draws is none that clients are spread
   * by.
   */
  function shortened(dead: Dead): Connectivity {
    const isTooLong = dead.probeAt > now + pause(false, () => 1);
    if (dead.isProbing || dead.refuses || !isTooLong) return dead;
    return { ...dead, probeAt: now + pause(false) };
  }

  function asIfJustLost(dead: Dead): Connectivity {
    const anew = { ...dead, probes: 0, since: now };
    if (dead.isProbing) return anew;
    const probeAt = Math.min(dead.probeAt, now + backoffDelay(policy.backoff, 0, random));
    return { ...anew, probeAt };
  }
}

/** When this state changes by itself. */
export function probeDueAt(connectivity: Connectivity): number {
  return 'probeAt' in connectivity ? connectivity.probeAt : Infinity;
}

function ponged(says: 'ready' | 'unready' | 'draining'): Connectivity {
  switch (says) {
    case 'ready':
      return ALIVE;
    case 'unready':
      return UNREADY;
    case 'draining':
      return DRAINING;
  }
}

function stay(connectivity: Connectivity): ConnectivityStep {
  return { connectivity, reconnect: false };
}

function reconnect(connectivity: Connectivity): ConnectivityStep {
  return { connectivity, reconnect: true };
}
