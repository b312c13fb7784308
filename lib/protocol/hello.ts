import { type PatternNames, readPatternNames } from './at-most-once.js';
import { type Malformed, malformed } from './malformed.js';
import { MAX_ID_BYTES } from './id.js';
import { exceeds } from './size.js';
import { decodeJson, isJsonObject } from './text.js';

export const PROTOCOL_VERSION = 2;

/** What a peer can do beyond REQUEST and REPLY. Both sides use what both named. */
export type Capability = 'event' | 'stream' | 'cancel' | 'drain' | 'pack';

/** What both roles of this version can do. */
export const CAPABILITIES: readonly Capability[] = ['event', 'stream', 'cancel', 'drain', 'pack'];

export type Readiness = 'ready' | 'unready' | 'draining';

/** How the two sides of the negotiated dialect introduce themselves, in every PING and PONG. */
export interface Hello {
  protocol: number;
  id: string;
  /** Of what it reads, those that this version knows: a newer peer may tell more than is kept. */
  capabilities: readonly string[];
  state: Readiness;
  /** The share of the server's concurrency that is taken, 0 to 1. */
  load: number;
  /** Of a client: ms between its PINGs, so that a server knows what silence means. */
  heartbeat?: number;
  /** The largest frame that it takes, in bytes: one that is larger ends the connection. */
  maxMessageSize?: number;
  /** Of a server: whether messages to this client were lost, on this connection. */
  lost?: boolean;
  /** Of a server: the patterns whose handlers must not run twice for one call, by their names; `true`: all. */
  atMostOnce?: PatternNames;
}

export function encodeHello(hello: Hello): Buffer {
  return Buffer.from(JSON.stringify(hello));
}

/**
 * No client that says it pings more rarely is believed, in ms: after ten of these it is forgotten. Idle connections
 * are dropped by NATs and load balancers after a few minutes anyway, some after one (Azure: 4, AWS: 350 s).
 */
export const MAX_HEARTBEAT_MS = 60_000;

/** What a hello may have, in bytes. Most have 200; 8192 characters of patterns may be 48 KiB of JSON. */
export const MAX_HELLO = 64 * 1024;

/** Members that are missing take their neutral value; members of a wrong type are an error. */
export function decodeHello(bytes: Buffer): Hello | Malformed {
  if (bytes.length > MAX_HELLO) return malformed('invalid hello');
  const json = decodeJson(bytes);
  if (json.type === 'malformed') return json;
  if (!isJsonObject(json.value)) return malformed('invalid hello');
  const {
    protocol = PROTOCOL_VERSION,
    id = '',
    capabilities = [],
    state = 'ready',
    load = 0,
    heartbeat,
    maxMessageSize,
    lost,
    atMostOnce: named = [],
  } = json.value;
  const atMostOnce = readPatternNames(named);
  if (
    typeof protocol !== 'number' ||
    typeof id !== 'string' ||
    exceeds(id, MAX_ID_BYTES) ||
    !isStringArray(capabilities) ||
    !isReadiness(state) ||
    typeof load !== 'number' ||
    (heartbeat !== undefined && typeof heartbeat !== 'number') ||
    (maxMessageSize !== undefined && typeof maxMessageSize !== 'number') ||
    (lost !== undefined && typeof lost !== 'boolean') ||
    atMostOnce === undefined
  ) {
    return malformed('invalid hello');
  }
  return {
    protocol,
    id,
    capabilities: knownOf(capabilities),
    state,
    load: Math.min(Math.max(load, 0), 1),
    ...(heartbeat !== undefined && {
      heartbeat: Math.min(Math.max(heartbeat, 0), MAX_HEARTBEAT_MS),
    }),
    ...(maxMessageSize !== undefined && { maxMessageSize }),
    ...(lost !== undefined && { lost }),
    ...((atMostOnce === true || atMostOnce.length > 0) && { atMostOnce }),
  };
}

/** Peers choose the names, so that others are not kept. Most name all that there are. */
function knownOf(names: readonly string[]): readonly Capability[] {
  const known = CAPABILITIES.filter((capability) => names.includes(capability));
  return known.length === CAPABILITIES.length ? CAPABILITIES : known;
}

function isStringArray(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isReadiness(value: unknown): value is Readiness {
  return value === 'ready' || value === 'unready' || value === 'draining';
}
