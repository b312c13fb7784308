import type { Chance } from '../time/chance.js';
import type { Fault, Mishap } from './fault.js';

/** How much goes wrong, and how long things may stay wrong. Times in ms. */
export interface Mischief {
  /** Mean time between faults. */
  readonly everyMs: number;
  readonly untilMs: number;
  readonly longestMs: number;
}

export interface Places {
  readonly clients: readonly [string, ...string[]];
  readonly servers: readonly [string, ...string[]];
}

/** Faults of all kinds, anywhere, at any time; every one is over by `untilMs`. */
export function drawFaults(
  { everyMs, untilMs, longestMs }: Mischief,
  places: Places,
  chance: Chance,
): Fault[] {
  const faults: Fault[] = [];
  let at = chance.exponential(everyMs);
  while (at < untilMs) {
    const ms = Math.min(chance.magnitude(1, longestMs), untilMs - at);
    faults.push({ at, for: ms, ...drawMishap(places, chance) });
    at += chance.exponential(everyMs);
  }
  return faults;
}

type Draw = (places: Places, chance: Chance) => Mishap;

const MISHAPS: readonly [Draw, ...Draw[]] = [
  ({ servers }, chance) => ({ kind: 'kill', host: chance.oneOf(servers) }),
  ({ servers }, chance) => ({ kind: 'kill', host: chance.oneOf(servers) }),
  ({ clients }, chance) => ({ kind: 'kill', host: chance.oneOf(clients) }),
  ({ servers }, chance) => ({ kind: 'leave', host: chance.oneOf(servers) }),
  ({ clients }, chance) => ({ kind: 'leave', host: chance.oneOf(clients) }),
  (places, chance) => ({ kind: 'stop', host: anywhere(places, chance) }),
  (places, chance) => ({ kind: 'block', host: anywhere(places, chance) }),
  (places, chance) => ({ kind: 'dark', routes: bothWays(pair(places, chance)) }),
  // Half open: one side hears the other, which does not hear it.
  (places, chance) => ({ kind: 'dark', routes: [chance.oneOf(bothWays(pair(places, chance)))] }),
  (places, chance) => ({ kind: 'dark', routes: partition(places, chance) }),
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
  ({ clients, servers }, chance) => ({
    kind: 'reset',
    client: chance.oneOf(clients),
    server: chance.oneOf(servers),
  }),
  ({ servers }, chance) => ({
    kind: 'overload',
    host: chance.oneOf(servers),
    times: chance.magnitude(2, 1000),
  }),
  ({ servers }, chance) => ({ kind: 'unready', host: chance.oneOf(servers) }),
];

function drawMishap(places: Places, chance: Chance): Mishap {
  return chance.oneOf(MISHAPS)(places, chance);
}

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
