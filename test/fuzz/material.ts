import type { RequestHeaders } from '../../lib/protocol/headers.js';
import type { Content, PackableByClient, PackableByServer } from '../../lib/protocol/messages.js';
import { PackWriter } from '../../lib/protocol/pack-writer.js';
import { encodeClientMessage, encodeServerMessage } from '../../lib/protocol/plain-frames.js';
import type { Chance } from './chance.js';

/** The frames of one ZeroMQ message. */
export type Message = Buffer[];

/** The patterns of the handlers of the server under attack. */
export const PATTERNS = ['echo', 'values', 'slowly', 'fails', 'on demand', 'REQUEST', 'nobody'];

const CAPABILITIES = ['event', 'stream', 'cancel', 'drain', 'pack'];

/** Values that break careless code. */
export const AWKWARD: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  1e308,
  2 ** 53,
  Number.MAX_SAFE_INTEGER,
  '',
  '\u0000',
  '\uD800',
  '__proto__',
  'constructor',
  'toString',
  'PING',
  'event echo',
  'x'.repeat(5000),
  [],
  [[]],
  {},
  JSON.parse('{"toString":1,"valueOf":2,"toJSON":3,"then":4,"length":-1}'),
  JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}'),
  JSON.parse(`${'['.repeat(1000)}${']'.repeat(1000)}`),
  JSON.parse(`${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}`),
];

/** Keys that objects inherit. */
export const AWKWARD_NAMES = [
  '__proto__',
  'constructor',
  'toString',
  'toJSON',
  'then',
  'length',
  '',
];

/** A valid message from a client. */
export function fromClient(chance: Chance): Message {
  const dialect = chance.of(['basic', 'tracked', 'negotiated'] as const);
  switch (chance.below(8)) {
    case 0:
      if (dialect === 'basic') return frames(encodeClientMessage({ type: 'ping', dialect }));
      return frames(
        encodeClientMessage({ type: 'ping', ...heartbeat(chance), dialect, hello: hello(chance) }),
      );
    case 1: {
      const body = JSON.stringify({ pattern: chance.of(PATTERNS), data: chance.of(AWKWARD) });
      if (dialect === 'negotiated') break;
      return frames(encodeClientMessage({ type: 'request', dialect, id: id(chance), body }));
    }
    case 2:
    case 3: {
      const pack = new PackWriter();
      for (let count = chance.below(8); count > 0; count--) pack.add(packable(chance));
      return frames(pack.take());
    }
    case 4: {
      if (chance.below(4) === 0)
        return frames(encodeClientMessage({ type: 'ping', dialect: 'guide' }));
      const body = JSON.stringify({ pattern: chance.of(PATTERNS), data: chance.of(AWKWARD) });
      const request = { type: 'request', dialect: 'guide', id: id(chance), body } as const;
      return [...frames(encodeClientMessage(request)), ...furtherFrames(chance)];
    }
  }
  return frames(encodeClientMessage(packable(chance)));
}

/** A valid message from a server; `ids` are those of calls that it may have received. */
export function fromServer(chance: Chance): Message {
  switch (chance.below(8)) {
    case 0:
      return frames(
        encodeServerMessage({
          type: 'pong',
          dialect: 'negotiated',
          ...heartbeat(chance),
          hello: hello(chance),
        }),
      );
    case 1:
      // A client drops a basic server whenever it does not answer, so this must be rare.
      if (chance.below(100) > 0) break;
      return frames(encodeServerMessage({ type: 'pong', dialect: 'basic', serverId: 'server' }));
    case 2:
      return frames(
        encodeServerMessage({
          type: 'reply',
          dialect: 'tracked',
          id: id(chance),
          body: json(chance),
        }),
      );
    case 3:
    case 4: {
      const pack = new PackWriter();
      for (let count = chance.below(8); count > 0; count--) pack.add(reply(chance));
      return frames(pack.take());
    }
  }
  return frames(encodeServerMessage(reply(chance)));
}

/** A valid message from a server of the guide dialect, or one of another dialect. */
export function fromGuideServer(chance: Chance): Message {
  switch (chance.below(8)) {
    case 0:
      return frames(encodeServerMessage({ type: 'pong', dialect: 'guide' }));
    case 1:
      return fromServer(chance);
  }
  const message = { type: 'reply', dialect: 'guide', id: id(chance), body: json(chance) } as const;
  return [...frames(encodeServerMessage(message)), ...furtherFrames(chance)];
}

function furtherFrames(chance: Chance): Message {
  return Array.from({ length: chance.of([0, 0, 0, 1, 5]) }, () => Buffer.from(json(chance)));
}

function packable(chance: Chance): PackableByClient<Content> {
  switch (chance.below(6)) {
    case 0:
      return { type: 'cancel', id: id(chance) };
    case 1:
      return { type: 'credit', id: id(chance), values: chance.of([1, 2, 100, 2 ** 52]) };
    case 2:
      return { type: 'event', id: id(chance), body: json(chance), headers: headers(chance) };
    case 3:
      if (chance.below(10) === 0) return { type: 'goodbye' };
  }
  const [body, type] = content(chance);
  return {
    type: 'request',
    dialect: 'negotiated',
    id: id(chance),
    body,
    headers: { ...headers(chance), type },
  };
}

function reply(chance: Chance): PackableByServer<Content> {
  if (chance.below(6) === 0) return { type: 'ack', id: id(chance) };
  if (chance.below(200) === 0) return { type: 'goodbye' };
  const [body, type] = content(chance);
  const status = chance.of(['next', 'next', 'last', 'end', 'error', 'refused'] as const);
  return { type: 'reply', dialect: 'negotiated', id: id(chance), body, headers: { status, type } };
}

function headers(chance: Chance): RequestHeaders {
  const metadata = { traceparent: '00-1', [chance.of(AWKWARD_NAMES)]: 'x' };
  return {
    pattern: chance.of(PATTERNS),
    type: 'json',
    attempt: 1 + chance.below(3),
    timeout: chance.of([undefined, 0, 1, 50, 5000]),
    credit: chance.of([undefined, 0, 1, 16]),
    metadata: chance.of([undefined, metadata]),
  };
}

function content(chance: Chance): [Content, RequestHeaders['type']] {
  switch (chance.below(4)) {
    case 0:
      return [chance.bytes(chance.of([0, 10, 200, 5000])), 'bytes'];
    case 1:
      return ['text '.repeat(chance.of([0, 1, 1000])), 'text'];
  }
  return [json(chance), 'json'];
}

const json = (chance: Chance) => JSON.stringify(chance.of(AWKWARD));

/** Few ids, so that they meet those in use, which count up from 1. */
const id = (chance: Chance) => String(1 + chance.below(50));

const heartbeat = (chance: Chance) => ({ id: id(chance), time: 't' });

const hello = (chance: Chance) => ({
  protocol: 2,
  id: 'hostile',
  capabilities: chance.below(4) === 0 ? [] : CAPABILITIES,
  state: chance.of(['ready', 'ready', 'ready', 'unready', 'draining'] as const),
  load: 0,
  heartbeat: chance.of([1, 1000, 3_600_000]),
});

const frames = (contents: readonly Content[]): Message => contents.map((one) => Buffer.from(one));
