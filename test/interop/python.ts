import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import type { ServerTarget } from 'nestjs-freelance';
import { Child } from '../support/child.js';
import { freeEndpoint } from '../support/ports.js';

/** The first python3 on the PATH may not be the one for which Debian installs packages. */
const CANDIDATES = ['python3', '/usr/bin/python3'];

const found = CANDIDATES.find(
  (command) => spawnSync(command, ['-c', 'import zmq'], { timeout: 20_000 }).status === 0,
);

if (found === undefined) {
  const missing = `None of ${CANDIDATES.join(', ')} can import zmq: install the Debian package python3-zmq.`;
  if (process.env['CI']) throw new Error(missing);
  console.warn(`${missing} The interop tests are skipped.`);
}

/** The interpreter that has PyZMQ. */
export const python = found ?? 'python3';

/** A suite that needs PyZMQ: skipped if it is missing, except on CI, where that is a failure. */
export const describeWithPython = found === undefined ? describe.skip : describe;

/** One of the programs in `peers`, once it has reported that it is ready. */
export interface Peer extends AsyncDisposable {
  readonly child: Child;
  readonly endpoint: string;
  /** How a client of ours names it. */
  readonly target: string | ServerTarget;
}

/** The dialects that the programs in `peers` speak and a PING finds out. */
export const DIALECTS = ['basic', 'tracked'] as const;
export type Dialect = (typeof DIALECTS)[number];

/** All dialects that they speak. */
export const OLDER_DIALECTS = [...DIALECTS, 'guide'] as const;
export type OlderDialect = (typeof OLDER_DIALECTS)[number];

export const ANY_PORT = 'tcp://127.0.0.1:*';

/** A server in Python without the library. */
export function startServer(dialect: OlderDialect, id: string, endpoint = ANY_PORT): Promise<Peer> {
  return startAt(dialect, `${dialect}_server`, endpoint, id);
}

/** A server in Python that answers late, and the newest call first. */
export function startAwkwardServer(dialect: OlderDialect): Promise<Peer> {
  return startAt(dialect, 'awkward_server', ANY_PORT, 'awkward', dialect);
}

async function startAt(
  dialect: OlderDialect,
  program: string,
  endpoint: string,
  ...args: string[]
): Promise<Peer> {
  if (dialect !== 'guide') return start(program, endpoint, ...args);
  // It has to know before it binds what its clients will connect to.
  const address = endpoint === ANY_PORT ? await freeEndpoint() : endpoint;
  const peer = await start(program, address, ...args);
  return { ...peer, target: { endpoint: peer.endpoint, dialect } };
}

/** A client in Python. `endpoint` is the first of those that it knows. */
export function startClient(dialect: OlderDialect, endpoints: readonly string[]): Promise<Peer> {
  return start(`${dialect}_client`, ...endpoints);
}

async function start(program: string, ...args: string[]): Promise<Peer> {
  const script = fileURLToPath(new URL(`peers/${program}.py`, import.meta.url));
  // -B: write no compiled files beside the sources.
  const child = new Child(python, ['-B', script, ...args]);
  const { endpoints } = (await child.nextLine()) as { endpoints: string[] };
  const [endpoint = ''] = endpoints;
  return { child, endpoint, target: endpoint, [Symbol.asyncDispose]: () => child.kill() };
}
