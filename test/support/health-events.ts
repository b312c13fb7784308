import {
  type Health,
  type HealthEvent,
  type HealthPolicy,
  initialHealth,
  reasonOf,
  stateOf,
  transition,
} from '../../lib/core/health.js';

export const policy: HealthPolicy = {
  maxFailures: 3,
  mayEject: () => true,
  probeTimeout: 5000,
  baseEjectionTime: 5000,
  backoff: { initial: 100, max: 10_000 },
  earlyBackoff: { initial: 100, max: 1000 },
};

/** The moment of every event of a test that does not name another. */
export const NOW = 1000;

export const ready: HealthEvent = { type: 'pong', says: 'ready' };
export const unready: HealthEvent = { type: 'pong', says: 'unready' };
export const drains: HealthEvent = { type: 'pong', says: 'draining' };
export const heard: HealthEvent = { type: 'heard' };
export const lost: HealthEvent = { type: 'lost', reason: 'connection refused' };
export const reset: HealthEvent = { type: 'reset' };
export const overdue: HealthEvent = { type: 'overdue' };
export const silent: HealthEvent = { type: 'silent' };
export const timedOut: HealthEvent = { type: 'call timed out', drops: false };
export const timedOutAndDropped: HealthEvent = { type: 'call timed out', drops: true };
export const answered: HealthEvent = { type: 'call answered', isTrial: false };
export const ejected: HealthEvent = { type: 'ejected', times: 2 };
export const trialAnswered: HealthEvent = { type: 'call answered', isTrial: true };
export const trialBegan: HealthEvent = { type: 'trial began' };
export const trialEnded: HealthEvent = { type: 'trial ended' };
export const poolExhausted: HealthEvent = { type: 'pool exhausted' };
export const peerRecovered: HealthEvent = { type: 'peer recovered' };
export const due: HealthEvent = { type: 'due' };

export const everyEvent: readonly HealthEvent[] = [
  ready,
  unready,
  drains,
  heard,
  lost,
  reset,
  overdue,
  silent,
  timedOut,
  timedOutAndDropped,
  answered,
  ejected,
  trialAnswered,
  trialBegan,
  trialEnded,
  poolExhausted,
  peerRecovered,
  due,
];

/** What one event does; the jitter is half of the back-off unless a test says otherwise. */
export const happens = (health: Health, event: HealthEvent, now = NOW, chance = 0.5) =>
  transition(health, event, now, policy, () => chance);

/** The health after these events, all at one moment. */
export const after = (health: Health, ...events: HealthEvent[]) =>
  events.reduce((before, event) => happens(before, event).health, health);

/** What the tests look at. */
export const shown = (health: Health) => ({
  ...health.connectivity,
  ...health.ejection,
  state: stateOf(health),
  reason: reasonOf(health),
});

/** The same health, but for some of what its connectivity knows. */
export const but = (
  health: Health,
  what: Partial<Extract<Health['connectivity'], { state: 'dead' }>>,
) => ({ ...health, connectivity: { ...health.connectivity, ...what } }) as Health;

export const happensAll = (health: Health, events: HealthEvent[], now: number) =>
  events.reduce((before, event) => happens(before, event, now).health, health);

export const connecting = initialHealth(0, policy);
export const alive = after(connecting, ready);
export const silentSuspect = after(alive, overdue);
export const failingSuspect = after(alive, timedOut, timedOut, timedOut);
export const unreadySuspect = after(alive, unready);
export const draining = after(alive, drains);
export const dead = after(alive, lost);

export const everyState: [string, Health][] = [
  ['connecting', connecting],
  ['alive', alive],
  ['suspect, for it is silent', silentSuspect],
  ['suspect, for it is failing', failingSuspect],
  ['suspect, for it is unready', unreadySuspect],
  ['draining', draining],
  ['dead', dead],
];
export const everyStateBut = (name: string) => everyState.filter(([other]) => other !== name);
