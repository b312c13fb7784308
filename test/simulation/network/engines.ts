import type { FreelanceEngine } from '../../../lib/sockets/engine.js';

/** Engines of a program's sockets. They differ in what ends a connection, and in what is reported of its end. */
export type Engine = FreelanceEngine;

export interface Engines {
  readonly clients: Engine;
  readonly servers: Engine;
}

const MIXES: readonly [Engines, ...Engines[]] = [
  { clients: 'node', servers: 'node' },
  { clients: 'libzmq', servers: 'libzmq' },
  { clients: 'node', servers: 'libzmq' },
  { clients: 'libzmq', servers: 'node' },
];

/** Engines in rotation, so that each kind of world runs with all of them. */
export function enginesOf(seed: number): Engines {
  return MIXES[seed % MIXES.length] ?? MIXES[0];
}
