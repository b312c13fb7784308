import type { Target } from './check-name.js';
import { dial, hangUp, isConnected, shownCode } from './dial.js';
import { type Finding, Problem } from './finding.js';
import { listed, shownMs } from './words.js';

/** How many addresses of a name are tried. A DNS answer may have some 4000. */
const MOST_TRIED = 16;

interface Try {
  readonly target: Target;
  /** Undefined if it is connected. */
  readonly code: string | undefined;
  readonly ms: number;
}

/**
 * Connects to each address.
 *
 * @returns those that accept connections, in the order of the name
 */
export async function checkConnection(
  targets: readonly Target[],
  timeoutMs: number,
  now: () => number,
): Promise<Finding<readonly Target[]>> {
  const tries = await Promise.all(
    targets.slice(0, MOST_TRIED).map((target) => tried(target, timeoutMs, now)),
  );
  const facts = {
    addresses: tries.map(({ target: { name }, code, ms }) => ({ address: name, error: code, ms })),
  };
  const reached = tries.filter(({ code }) => code === undefined);
  const failed = tries.filter(({ code }) => code !== undefined);
  if (reached.length === 0) {
    const codes = [...new Set(failed.map(({ code = '' }) => code))];
    throw new Problem(
      failed.length === 1 || codes.length === 1
        ? `${listed(failed.map(({ target: { name } }) => name))}: ${shownCode(codes[0], timeoutMs)}`
        : listed(
            failed.map(({ target: { name }, code }) => `${name}: ${shownCode(code, timeoutMs)}`),
          ),
      'path' in (targets[0]?.place ?? {}) && codes.includes('ECONNREFUSED')
        ? STALE_PATH
        : codes.flatMap((code) => ADVICE[code] ?? []),
      facts,
    );
  }
  return {
    value: reached.map(({ target }) => target),
    summary: listed(reached.map(({ target: { name }, ms }) => `${name} in ${shownMs(ms)}`)),
    warnings: failed.map(
      ({ target: { name }, code }) =>
        `${name}: ${shownCode(code, timeoutMs)}. A client goes on to the next address, which takes time.`,
    ),
    notes:
      targets.length > tries.length
        ? [`${targets.length - tries.length} more were not tried.`]
        : [],
    facts,
  };
}

async function tried(target: Target, timeoutMs: number, now: () => number): Promise<Try> {
  const startedAt = now();
  const dialled = await dial(target, timeoutMs);
  const ms = now() - startedAt;
  if (!isConnected(dialled)) return { target, code: dialled.code, ms };
  hangUp(dialled);
  return { target, code: undefined, ms };
}

const NOBODY_LISTENS = [
  'Start the server, or correct the port: the machine is there, and nobody listens at that port.',
  'Look where the server listens, on its machine: `ss -ltn`. One that binds 127.0.0.1 is reached from its own machine, or ' +
    'container, only: bind tcp://0.0.0.0:PORT.',
];

const STALE_PATH = [
  'Start the server: the socket is left over from one that has ended. The new one takes the path over.',
];

const NO_ROUTE = [
  'Check the address, and that this machine has a network that leads there: `ip route get ADDRESS`. IPv6 may be missing.',
];

const NO_ANSWER = [
  'Something drops the packets: a firewall, a security group, a network policy; or the machine is off, or the address wrong.',
  'Allow the port from this machine. From the machine of the server itself, try the doctor with 127.0.0.1.',
];

const ADVICE: Partial<Record<string, readonly string[]>> = {
  ECONNREFUSED: NOBODY_LISTENS,
  ITSELF: NOBODY_LISTENS,
  ENOENT: NOBODY_LISTENS,
  TIMEOUT: NO_ANSWER,
  ETIMEDOUT: NO_ANSWER,
  EHOSTUNREACH: NO_ROUTE,
  ENETUNREACH: NO_ROUTE,
  EADDRNOTAVAIL: NO_ROUTE,
  ECONNRESET: ['Look for a proxy or load balancer in between, whose server is down.'],
  EACCES: [
    'A client needs the right to write to the socket: run both as one user or group, or change its mode after the server has bound it.',
  ],
  EPERM: ['Look for a firewall of this machine, or a sandbox of this process, that forbids it.'],
  EMFILE: ['Raise the limit of open files: `ulimit -n`.'],
  ENFILE: ['Raise the limit of open files: `sysctl fs.file-max`.'],
};
