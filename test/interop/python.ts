import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe } from 'vitest';
import { Child } from '../support/child.js';

/** The first python3 on the PATH need not be the one for which Debian installs packages. */
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

/** A suite that needs PyZMQ: skipped where there is none, except on CI, where that is a failure. */
export const describeWithPython = found === undefined ? describe.skip : describe;

/** One of the programs in `peers`, once it has said that it is ready. */
export interface Peer extends AsyncDisposable {
  readonly child: Child;
  readonly endpoint: string;
}

/** The dialects that the programs in `peers` speak. */
export const DIALECTS = ['basic', 'tracked'] as const;
export type Dialect = (typeof DIALECTS)[number];

export const ANY_PORT = 'tcp://127.0.0.1:*';

/** A server in Python, as anybody would write it. */
export function startServer(dialect: Dialect, id: string, endpoint = ANY_PORT): Promise<Peer> {
  return start(`${dialect}_server`, endpoint, id);
}

/** A server in Python that answers late, and the newest first. */
export function startAwkwardServer(dialect: Dialect): Promise<Peer> {
  return start('awkward_server', ANY_PORT, 'awkward', dialect);
}

/** A client in Python. `endpoint` is the first of those that it knows. */
export function startClient(dialect: Dialect, endpoints: readonly string[]): Promise<Peer> {
  return start(`${dialect}_client`, ...endpoints);
}

async function start(program: string, ...args: string[]): Promise<Peer> {
  const script = fileURLToPath(new URL(`peers/${program}.py`, import.meta.url));
  // -B: leave no compiled files beside the sources.
  const child = new Child(python, ['-B', script, ...args]);
  const { endpoints } = (await child.nextLine()) as { endpoints: string[] };
  const [endpoint = ''] = endpoints;
  return { child, endpoint, [Symbol.asyncDispose]: () => child.kill() };
}
