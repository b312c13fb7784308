import { randomBytes, randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { FreelanceClientSecurity } from '../../nest/options/client-security.js';
import { resolveClientOptions } from '../../nest/options/client-options.js';
import { encodeClientMessage } from '../../protocol/plain-frames.js';
import { ClientCredentials } from '../../security/client-credentials.js';
import { monotonicNow, wallClock } from '../../node-timers.js';
import { resolver } from '../../sockets/resolver.js';
import { checkAddress, type Destination } from './check-address.js';
import { checkClock, skipped } from './check-clock.js';
import { checkConnection } from './check-connection.js';
import { checkGreeting } from './check-greeting.js';
import { checkHandshake } from './check-handshake.js';
import { checkHello } from './check-hello.js';
import { checkLatency } from './check-latency.js';
import { checkName, type NameSystem, nameSystem, type Target } from './check-name.js';
import { checkTls } from './check-tls.js';
import type { Conversation } from './conversation.js';
import { connected, secureOver, type TlsAim } from './dial.js';
import { Examination, type StepReport } from './examination.js';
import { type Finding, Problem } from './finding.js';
import { Pings } from './pings.js';

export interface DoctorOptions {
  readonly endpoint: string;
  /** As the option of a client. @default none; for tls://, the public authorities */
  readonly security?: FreelanceClientSecurity | undefined;
  /** How long each step may take, in ms. */
  readonly timeoutMs: number;
  /** Closes the connections: whatever step is under way then fails. */
  readonly signal?: AbortSignal | undefined;
}

/** The machine that the doctor runs on. */
export interface DoctorSystem {
  readonly names: NameSystem;
  /** Monotonic, in ms. */
  readonly now: () => number;
  /** In ms since 1970. */
  readonly wall: () => number;
}

export const thisSystem: DoctorSystem = {
  names: nameSystem(resolver),
  now: monotonicNow,
  wall: wallClock,
};

/** What the doctor has found. */
export interface Diagnosis {
  readonly endpoint: string;
  /** Whether a client can call this server. */
  readonly isFine: boolean;
  readonly steps: readonly StepReport[];
}

/**
 * Walks the way of a call to one server, from the name to its answer, and stops at the first step that fails.
 *
 * @param tell is called with each step as soon as it is done
 * @throws FreelanceError `BAD_OPTIONS` if `security` is not valid
 */
export async function diagnose(
  options: DoctorOptions,
  tell: (report: StepReport) => void = () => {},
  system: DoctorSystem = thisSystem,
): Promise<Diagnosis> {
  const examination = new Examination(system, tell);
  const { endpoint } = options;
  try {
    await examine(options, examination, system);
    return { endpoint, isFine: true, steps: examination.reports };
  } catch (error) {
    if (error instanceof Problem) return { endpoint, isFine: false, steps: examination.reports };
    throw error;
  }
}

async function examine(
  { endpoint: given, security = defaultSecurity(given), timeoutMs, signal }: DoctorOptions,
  examination: Examination,
  system: DoctorSystem,
): Promise<void> {
  const destination = await examination.step('address', () =>
    checkAddress(given, security?.mechanism),
  );
  const { endpoint } = destination;
  const credentials = credentialsFor(endpoint, security);
  const named = await targetsOf(destination, examination, system, timeoutMs);
  const targets = named.map(({ name, place }) => ({ name, place: { ...place, signal } }));
  const reached = await examination.step('connection', () =>
    checkConnection(targets, timeoutMs, system.now),
  );
  const aim = tlsAim(destination, credentials);
  const candidates = aim
    ? [
        await examination.step('tls', () =>
          firstOf(reached, (target) => checkTls(target, aim, timeoutMs, system.wall)),
        ),
      ]
    : reached;
  const openTo = (target: Target) => open(target, aim, timeoutMs);
  const target = await examination.step('greeting', () =>
    firstOf(candidates, (one) => checkGreeting(() => openTo(one), security?.mechanism, timeoutMs)),
  );
  const conversation = await examination.step('handshake', () =>
    checkHandshake(() => openTo(target), endpoint, credentials, timeoutMs),
  );
  try {
    await converse(conversation, examination, system, timeoutMs);
  } finally {
    conversation.close();
  }
}

async function converse(
  conversation: Conversation,
  examination: Examination,
  system: DoctorSystem,
  timeoutMs: number,
): Promise<void> {
  const pings = new Pings(conversation, `doctor-${randomUUID()}`);
  const pong = await examination.step('hello', () => checkHello(conversation, pings, timeoutMs));
  await examination.step('clock', () =>
    pong.dialect === 'negotiated'
      ? checkClock(conversation, system, timeoutMs)
      : skipped('the older dialects have no word for it'),
  );
  await examination.step('latency', () => checkLatency(pings, timeoutMs, system.now));
  const canLeave = pong.dialect === 'negotiated' && pong.hello.capabilities.includes('drain');
  if (canLeave) conversation.tell(encodeClientMessage({ type: 'goodbye' }));
}

/** Whoever writes tls:// has TLS. */
function defaultSecurity(endpoint: string): FreelanceClientSecurity | undefined {
  return endpoint.startsWith('tls:') ? { mechanism: 'tls' } : undefined;
}

function credentialsFor(
  endpoint: string,
  security: FreelanceClientSecurity | undefined,
): ClientCredentials | undefined {
  const resolved = resolveClientOptions({ endpoints: endpoint, engine: 'node', security });
  return resolved.security && new ClientCredentials(resolved.security, randomBytes);
}

function tlsAim(
  destination: Destination,
  credentials: ClientCredentials | undefined,
): TlsAim | undefined {
  const own = credentials?.for(destination.endpoint);
  return own?.mechanism === 'tls' && destination.scheme === 'tls'
    ? { host: destination.host, credentials: own }
    : undefined;
}

function targetsOf(
  destination: Destination,
  examination: Examination,
  { names, now }: DoctorSystem,
  timeoutMs: number,
): Promise<readonly Target[]> | readonly Target[] {
  if (destination.scheme === 'ipc') {
    const { path } = destination;
    return [{ name: path, place: { path } }];
  }
  const { host, port } = destination;
  return examination.step('name', () => checkName(host, port, names, timeoutMs, now));
}

/** The first address that passes, as a client goes on to the next one. @throws Problem that of the first if none does */
async function firstOf(
  targets: readonly Target[],
  check: (target: Target) => Promise<Finding<void>>,
): Promise<Finding<Target>> {
  const problems: { readonly name: string; readonly problem: Problem }[] = [];
  for (const target of targets) {
    try {
      const { warnings = [], ...finding } = await check(target);
      const earlier = problems.map(({ name, problem }) => `${name}: ${problem.message}`);
      return { ...finding, value: target, warnings: [...earlier, ...warnings] };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      problems.push({ name: target.name, problem: error });
    }
  }
  throw problems[0]?.problem ?? new Error('there was no address to try');
}

/** Connects, with TLS if the endpoint has it. @throws Problem if that has become impossible */
async function open(target: Target, aim: TlsAim | undefined, timeoutMs: number): Promise<Socket> {
  const socket = await connected(target, timeoutMs);
  return aim ? secureOver(socket, aim, timeoutMs) : socket;
}
