import * as fc from 'fast-check';
import { type BodyType, encodeBody, Serialized } from '../../lib/protocol/body.js';
import type { Pattern, ReplyHeaders, RequestHeaders } from '../../lib/protocol/headers.js';
import {
  CAPABILITIES,
  type Hello,
  LEAST_WEIGHT,
  MAX_HEARTBEAT_MS,
  MOST_WEIGHT,
} from '../../lib/protocol/hello.js';
import type {
  Content,
  Denied,
  Id,
  PackableByClient,
  PackableByServer,
  Ping,
  Pong,
  Untyped,
} from '../../lib/protocol/messages.js';

export const bytes = fc.uint8Array({ maxLength: 24 }).map((array) => Buffer.from(array));

/** An id of a peer: any bytes, each as one character. */
export const id: fc.Arbitrary<Id> = bytes.map((octets) => octets.toString('latin1'));

/** Text that UTF-8 can encode. */
export const text = fc.string({ unit: 'binary', maxLength: 12 });

/** Any JavaScript string, including lone surrogates, a byte order mark and NUL. */
export const anyString = fc.oneof(
  text,
  fc
    .array(fc.constantFrom(0xd800, 0xdbff, 0xdc00, 0xdfff, 0xfeff, 0, 0x61), { maxLength: 6 })
    .map((units) => String.fromCharCode(...units)),
);

/** Keys that reach a prototype in careless code. */
export const wickedKeys = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty'];

const key = fc.oneof(anyString, fc.constantFrom(...wickedKeys));

/** An object whose keys are all own properties, `__proto__` included. */
function objectOf<T>(value: fc.Arbitrary<T>): fc.Arbitrary<Record<string, T>> {
  return fc
    .array(fc.tuple(key, value), { maxLength: 4 })
    .map((entries): Record<string, T> => Object.fromEntries(entries));
}

/** Any JSON value, as `JSON.parse` returns it. */
export const json: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, false, 0, 1, -1.5, 1e300),
    anyString,
    fc.integer(),
    fc.array(tie('value'), { maxLength: 4 }),
    objectOf(tie('value')),
  ),
})).value;

export const jsonBytes = json.map((value) => Buffer.from(JSON.stringify(value)));

const bodyType = fc.constantFrom<BodyType>('json', 'bytes', 'text');

export const pattern: fc.Arbitrary<Pattern> = fc.oneof(anyString, objectOf(json));

export const requestHeaders: fc.Arbitrary<RequestHeaders> = fc.record(
  {
    pattern,
    type: bodyType,
    serialized: fc.constant(true),
    attempt: fc.integer({ min: 1 }),
    timeout: fc.maxSafeNat(),
    credit: fc.maxSafeNat(),
    metadata: objectOf(anyString),
  },
  { requiredKeys: ['pattern', 'type', 'attempt'] },
);

export const replyHeaders: fc.Arbitrary<ReplyHeaders> = fc.record(
  {
    status: fc.constantFrom('next', 'last', 'end', 'error', 'refused'),
    type: bodyType,
    serialized: fc.constant(true),
  },
  { requiredKeys: ['status', 'type'] },
);

const anyName = fc.string({ minLength: 1, maxLength: 64 });

export const hello: fc.Arbitrary<Hello> = fc.record(
  {
    protocol: fc.nat(),
    id: anyString,
    capabilities: fc.subarray([...CAPABILITIES]),
    state: fc.constantFrom('ready', 'unready', 'draining'),
    load: fc.double({ min: 0, max: 1, noNaN: true }),
    heartbeat: fc.nat({ max: MAX_HEARTBEAT_MS }),
    service: anyName,
    zone: anyName,
    weight: fc.double({ min: LEAST_WEIGHT, max: MOST_WEIGHT, noNaN: true }),
  },
  { requiredKeys: ['protocol', 'id', 'capabilities', 'state', 'load'] },
);

const basic = fc.constant('basic');
const tracked = fc.constant('tracked');
const negotiated = fc.constant('negotiated');

/** Messages in plain frames: their bodies are bytes, both sent and received. */
export type PlainClientMessage = Ping | Untyped<'request', Buffer> | PackableByClient<Buffer>;
export type PlainServerMessage =
  Pong | Denied | Untyped<'reply', Buffer> | PackableByServer<Buffer>;

const ping = fc.constant('ping');
const request = fc.constant('request');

const cancel = fc.record({ type: fc.constant('cancel'), id });
const credit = fc.record({
  type: fc.constant('credit'),
  id,
  values: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
});
const ack = fc.record({ type: fc.constant('ack'), id });
const goodbye = fc.record({ type: fc.constant('goodbye') });

export const clientMessage: fc.Arbitrary<PlainClientMessage> = fc.oneof(
  fc.record({ type: ping, dialect: basic }),
  fc.record({ type: ping, dialect: tracked, id, time: id }),
  fc.record({ type: ping, dialect: negotiated, id, time: id, hello }),
  fc.record({ type: request, dialect: basic, body: bytes }),
  fc.record({ type: request, dialect: tracked, id, body: bytes }),
  fc.record({
    type: request,
    dialect: negotiated,
    id,
    body: bytes,
    headers: requestHeaders,
  }),
  fc.record({ type: fc.constant('event'), id, body: bytes, headers: requestHeaders }),
  cancel,
  credit,
  goodbye,
);

const pong = fc.constant('pong');
const reply = fc.constant('reply');

export const serverMessage: fc.Arbitrary<PlainServerMessage> = fc.oneof(
  fc.record({ type: pong, dialect: basic, serverId: text }),
  fc.record({ type: pong, dialect: tracked, id, time: id }),
  fc.record({ type: pong, dialect: negotiated, id, time: id, hello }),
  fc.record({ type: reply, dialect: basic, body: bytes }),
  fc.record({ type: reply, dialect: tracked, id, body: bytes }),
  fc.record({ type: reply, dialect: negotiated, id, body: bytes, headers: replyHeaders }),
  ack,
  goodbye,
  fc.record({ type: fc.constant('denied') }),
);

/** Lengths around which a body changes how it travels. */
export const TURNING_POINTS = [0, 1, 4095, 4096, 4097, 70_000];

const value: fc.Arbitrary<unknown> = fc.oneof(
  fc.constant(undefined),
  json,
  bytes,
  anyString,
  fc.oneof(bytes, text).map((content) => new Serialized(content)),
  fc.constantFrom(...TURNING_POINTS).map((length) => Buffer.alloc(length, 'b')),
  fc
    .tuple(fc.constantFrom(...TURNING_POINTS), fc.constantFrom('a', 'é', '語', '🌍', '"', '\0'))
    .map(([length, character]) => character.repeat(length).slice(0, length)),
  fc.constantFrom(...TURNING_POINTS).map((length) => ['j'.repeat(length)]),
);

/** A body as an agent encodes a value, and the headers that describe it. */
function withBody<Headers extends object>(headers: fc.Arbitrary<Headers>) {
  return fc.tuple(headers, value).map(([others, sent]) => {
    const { type, content, serialized } = encodeBody(sent);
    return { body: content, headers: { ...others, type, serialized } };
  });
}

/** Few variants that recur, as in practice. */
const packedRequestHeaders = fc.oneof(
  requestHeaders,
  fc.constantFrom<RequestHeaders>(
    { pattern: 'sum', type: 'json', attempt: 1 },
    { pattern: 'sum', type: 'json', attempt: 1, credit: 16 },
    { pattern: { cmd: 'sum' }, type: 'json', attempt: 2 },
  ),
);

export const packableByClient: fc.Arbitrary<PackableByClient<Content>> = fc.oneof(
  fc
    .tuple(id, withBody(packedRequestHeaders))
    .map(
      ([ofCall, { body, headers }]) =>
        ({ type: 'request', dialect: 'negotiated', id: ofCall, body, headers }) as const,
    ),
  fc
    .tuple(id, withBody(packedRequestHeaders))
    .map(
      ([ofEvent, { body, headers }]) => ({ type: 'event', id: ofEvent, body, headers }) as const,
    ),
  cancel,
  credit,
  goodbye,
);

export const packableByServer: fc.Arbitrary<PackableByServer<Content>> = fc.oneof(
  fc
    .tuple(id, withBody(replyHeaders))
    .map(
      ([ofCall, { body, headers }]) =>
        ({ type: 'reply', dialect: 'negotiated', id: ofCall, body, headers }) as const,
    ),
  ack,
  goodbye,
);

/** A JSON object with the members of headers and hellos, of right and wrong types. */
const nearlyHeaders = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        'pattern',
        'type',
        'attempt',
        'timeout',
        'credit',
        'metadata',
        'status',
        'data',
        'protocol',
        'id',
        'capabilities',
        'state',
        'load',
        'heartbeat',
        '__proto__',
      ),
      fc.oneof(
        fc.constantFrom<unknown>('json', 'text', 'malformed', 'last', 'refused', 'ready', 1, 0.5),
        json,
      ),
    ),
    { maxLength: 8 },
  )
  .map((entries) => Buffer.from(JSON.stringify(Object.fromEntries(entries))));

const count = fc
  .oneof(fc.bigInt({ min: -9n, max: 10n ** 17n }), fc.integer())
  .map((n) => Buffer.from(String(n)));

/** One frame of a hostile peer, or one that is nearly valid. */
export const anyFrame = fc.oneof(bytes, jsonBytes, nearlyHeaders, count);

const commands = [
  'PING',
  'PONG',
  'REQUEST',
  'REPLY',
  'EVENT',
  'ACK',
  'CANCEL',
  'CREDIT',
  'GOODBYE',
];

const anyCommand = fc
  .constantFrom(...commands, 'ping', 'HELLO', '')
  .map((command) => Buffer.from(command));

export const anyFrames = fc.oneof(
  fc.array(anyFrame, { maxLength: 6 }),
  fc
    .tuple(anyCommand, fc.array(anyFrame, { maxLength: 5 }))
    .map(([command, args]) => [Buffer.alloc(0), command].concat(args)),
);
