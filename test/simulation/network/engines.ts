import type { FreelanceEngine } from '../../../lib/sockets/engine.js';

/** What a program's sockets are of. The engines differ in what ends a connection, and in what is told of it. */
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

/** Each in turn: a world of any kind may be of any engines. */
export function enginesOf(seed: number): Engines {
  return MIXES[seed % MIXES.length] ?? MIXES[0];
}
