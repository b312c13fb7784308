import type { Chance } from '../time/chance.js';
import type { Fault, Mishap } from './fault.js';

/** Which faults happen, how often, and for how long at most. Times in ms. */
export interface Mischief {
  readonly kinds: readonly [Draw, ...Draw[]];
  /** Mean time between faults. */
  readonly everyMs: number;
  readonly longestMs: number;
  readonly untilMs: number;
}

export interface Places {
  readonly clients: readonly [string, ...string[]];
  readonly servers: readonly [string, ...string[]];
}

type Draw = (places: Places, chance: Chance) => Mishap;

/** Faults anywhere, at any time; each one is over by `untilMs`. */
export function drawFaults(
  { kinds, everyMs, longestMs, untilMs }: Mischief,
  places: Places,
  chance: Chance,
): Fault[] {
  const faults: Fault[] = [];
  let at = chance.exponential(everyMs);
  while (at < untilMs) {
    const ms = Math.min(chance.magnitude(1, longestMs), untilMs - at);
    faults.push({ at, for: ms, ...chance.oneOf(kinds)(places, chance) });
    at += chance.exponential(everyMs);
  }
  return faults;
}

export const DRAINS: Mischief['kinds'] = [
  ({ servers }, chance) => ({
    kind: 'drain',
    host: chance.oneOf(servers),
    timeoutMs: chance.magnitude(1, 10_000),
  }),
];

export const DEATHS: Mischief['kinds'] = [
  ({ servers }, chance) => ({ kind: 'kill', host: chance.oneOf(servers) }),
  ({ servers }, chance) => ({ kind: 'kill', host: chance.oneOf(servers) }),
  ({ servers }, chance) => ({ kind: 'leave', host: chance.oneOf(servers) }),
  ...DRAINS,
  ...DRAINS,
  ({ clients }, chance) => ({ kind: 'kill', host: chance.oneOf(clients) }),
  ({ clients }, chance) => ({ kind: 'leave', host: chance.oneOf(clients) }),
];

export const DARKNESS: Mischief['kinds'] = [
  (places, chance) => ({ kind: 'dark', routes: bothWays(pair(places, chance)) }),
  // Half open: one side hears the other, which does not hear it.
  (places, chance) => ({ kind: 'dark', routes: [chance.oneOf(bothWays(pair(places, chance)))] }),
  (places, chance) => ({ kind: 'dark', routes: partition(places, chance) }),
];

export const CHANGES: Mischief['kinds'] = [
  ({ clients }, chance) => ({ kind: 'resign', host: chance.oneOf(clients) }),
  ({ clients }, chance) => ({ kind: 'resign', host: chance.oneOf(clients) }),
  ({ servers }, chance) => ({ kind: 'resign', host: chance.oneOf(servers) }),
  ({ clients, servers }, chance) => ({
    kind: 'forget',
    client: chance.oneOf(clients),
    server: chance.oneOf(servers),
  }),
];

export const PAUSES: Mischief['kinds'] = [
  (places, chance) => ({ kind: 'stop', host: anywhere(places, chance) }),
  (places, chance) => ({ kind: 'block', host: anywhere(places, chance) }),
];

export const RESETS: Mischief['kinds'] = [
  ({ clients, servers }, chance) => ({
    kind: 'reset',
    client: chance.oneOf(clients),
    server: chance.oneOf(servers),
  }),
];

export const EVERY_KIND: Mischief['kinds'] = [
  ...DEATHS,
  ...DARKNESS,
  ...CHANGES,
  ...PAUSES,
  (places, chance) => ({
    kind: 'slow',
    routes: bothWays(pair(places, chance)),
    byMs: chance.magnitude(5, 5000),
  }),
  (places, chance) => ({
    kind: 'slow',
    routes: [chance.oneOf(bothWays(pair(places, chance)))],
    byMs: chance.magnitude(5, 5000),
  }),
  ...RESETS,
  ({ servers }, chance) => ({
    kind: 'overload',
    host: chance.oneOf(servers),
    times: chance.magnitude(2, 1000),
  }),
  ({ servers }, chance) => ({ kind: 'unready', host: chance.oneOf(servers) }),
];

type Way = readonly [from: string, to: string];

function anywhere({ clients, servers }: Places, chance: Chance): string {
  return chance.oneOf(chance.isTrue(0.7) ? servers : clients);
}

function pair({ clients, servers }: Places, chance: Chance): Way {
  return [chance.oneOf(clients), chance.oneOf(servers)];
}

function bothWays([from, to]: Way): readonly [Way, Way] {
  return [
    [from, to],
    [to, from],
  ];
}

/** Some hosts on one side, the others on the other. */
function partition({ clients, servers }: Places, chance: Chance): Way[] {
  const here = new Set(chance.someOf([...clients, ...servers], 0.5));
  return clients.flatMap((client) =>
    servers
      .filter((server) => here.has(client) !== here.has(server))
      .flatMap((server) => bothWays([client, server])),
  );
}
