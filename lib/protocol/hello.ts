import { type PatternNames, readPatternNames } from './at-most-once.js';
import { type Malformed, malformed } from './malformed.js';
import { MAX_ID_BYTES } from './id.js';
import { exceeds } from './size.js';
import { decodeJson, isJsonObject } from './text.js';

export const PROTOCOL_VERSION = 2;

/** What a peer supports beyond REQUEST and REPLY. Both sides use the capabilities that both announce. */
export type Capability = 'event' | 'stream' | 'cancel' | 'drain' | 'pack';

/** What clients and servers of this version support. */
export const CAPABILITIES: readonly Capability[] = ['event', 'stream', 'cancel', 'drain', 'pack'];

export type Readiness = 'ready' | 'unready' | 'draining';

/** How both sides of the negotiated dialect introduce themselves, in every PING and PONG. */
export interface Hello {
  protocol: number;
  id: string;
  /** After decoding: only those that this version knows, since a newer peer may announce more. */
  capabilities: readonly string[];
  state: Readiness;
  /** Server: the share of its concurrency in use, from 0 to 1. */
  load: number;
  /** Client: ms between its PINGs, so that the server knows how much silence is normal. */
  heartbeat?: number;
  /** The largest frame that the peer accepts, in bytes; a larger one ends the connection. */
  maxMessageSize?: number;
  /** Server: whether messages to this client were lost on this connection. */
  lost?: boolean;
  /** Server: the service that it is a part of. */
  service?: string;
  /** Server: the zone that it runs in. */
  zone?: string;
  /** Server: its share of the calls, relative to other servers. */
  weight?: number;
  /** Server: names of the patterns whose handlers must not run twice for one call; `true` means all. */
  atMostOnce?: PatternNames;
}

export function encodeHello(hello: Hello): Buffer {
  return Buffer.from(JSON.stringify(hello));
}

/**
 * Upper bound of a client's heartbeat interval, in ms: a client is forgotten after ten silent intervals. NATs and load
 * balancers drop idle connections after a few minutes anyway (Azure after 4 minutes, AWS after 350 s).
 */
export const MAX_HEARTBEAT_MS = 60_000;

/** The range of weights, in which a small share of the calls can be told from none. */
export const LEAST_WEIGHT = 0.001;

export const MOST_WEIGHT = 1_000_000;

/** Bound of a hello in bytes. Most have about 200; 8192 characters of patterns can take 48 KiB of JSON. */
export const MAX_HELLO = 64 * 1024;

/** A missing member takes its neutral value; a member of the wrong type is an error. */
export function decodeHello(bytes: Buffer): Hello | Malformed {
  if (bytes.length > MAX_HELLO) return malformed('invalid-hello');
  const json = decodeJson(bytes);
  if (json.type === 'malformed') return json;
  if (!isJsonObject(json.value)) return malformed('invalid-hello');
  const {
    protocol = PROTOCOL_VERSION,
    id = '',
    capabilities = [],
    state = 'ready',
    load = 0,
    heartbeat,
    maxMessageSize,
    lost,
    service,
    zone,
    weight,
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
    !isName(service) ||
    !isName(zone) ||
    (weight !== undefined && typeof weight !== 'number') ||
    atMostOnce === undefined
  ) {
    return malformed('invalid-hello');
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
    // Empty text is what languages without "missing" send.
    ...(service && { service }),
    ...(zone && { zone }),
    ...(weight !== undefined && { weight: Math.min(Math.max(weight, LEAST_WEIGHT), MOST_WEIGHT) }),
    ...((atMostOnce === true || atMostOnce.length > 0) && { atMostOnce }),
  };
}

/** Whether it is a name of a service or zone, or missing. */
function isName(value: unknown): value is string | undefined {
  return value === undefined || (typeof value === 'string' && !exceeds(value, MAX_ID_BYTES));
}

/** Drops unknown names, since peers choose them. Most peers announce every capability. */
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
