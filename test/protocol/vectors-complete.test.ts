import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { FreelanceInfo, FreelanceStats } from '../../lib/nest/server/introspection.js';
import { INFO_PATTERN, STATS_PATTERN } from '../../lib/protocol/introspection.js';
import type { MalformedReason } from '../../lib/protocol/malformed.js';
import type { Dialect } from '../../lib/protocol/messages.js';
import {
  BODY_TYPES,
  CAPABILITY_NAMES,
  FLAGS,
  HELLO,
  INFO,
  LIMITS,
  type Names,
  namesOf,
  PACKED,
  PATTERNS,
  REASONS,
  REFUSALS,
  REPLY_HEADERS,
  REQUEST_HEADERS,
  STATES,
  STATS,
  STATUSES,
  TO_CLIENT,
  TO_SERVER,
} from './protocol-names.js';
import { type MalformedMeaning, type Meaning, type Vector, vectors } from './vector-files.js';

/** All messages with the direction and dialect of their vectors, those in a PACK too. */
const every = vectors.flatMap(({ direction, dialect, expected }) => {
  const messages = 'messages' in expected ? (expected.messages ?? []) : [];
  const isPacked = messages.length > 0;
  return (isPacked ? messages : [expected]).map((means) => ({
    direction,
    dialect,
    isPacked,
    means,
  }));
});

const isRead = (means: Meaning | MalformedMeaning): means is Meaning => 'command' in means;

const read = every.flatMap(({ means, ...of }) => (isRead(means) ? [{ means, ...of }] : []));
const unread = every.flatMap(({ means, ...of }) => (isRead(means) ? [] : [{ means, ...of }]));

/** What no vector has of a list. */
const missing = <Name extends string>(names: Names<Name>, found: Iterable<unknown>) => {
  const all = new Set(found);
  return namesOf(names).filter((name) => !all.has(name));
};

/** The JSON of a frame of each vector that is chosen, as far as it is an object. */
const objectsOf = (at: number, isChosen: (vector: Vector) => boolean) =>
  vectors.filter(isChosen).flatMap(({ frames }): object[] => {
    try {
      const value: unknown = JSON.parse((frames[at] ?? Buffer.alloc(0)).toString());
      return typeof value === 'object' && value !== null ? [value] : [];
    } catch {
      return [];
    }
  });

const membersOf = (objects: readonly object[]) => new Set(objects.flatMap(Object.keys));

/** Members that are the only reason why something is malformed, or that are alone with what is required. */
const wrongMembersOf = (objects: readonly object[], required: readonly string[]) =>
  new Set(
    objects.flatMap((object) => {
      const members = Object.keys(object);
      const others = members.filter((member) => !required.includes(member));
      return others.length === 0 ? members : others;
    }),
  );

const isCommand = ({ frames }: Vector, command: string) => frames[1]?.toString() === command;
const isMalformed = ({ expected }: Vector, reason: MalformedReason) =>
  'malformed' in expected && expected.malformed === reason;

describe('there is a vector', () => {
  test('of every message in every dialect, in its canonical form, too', () => {
    const of = (direction: string, chosen: readonly Vector[]) =>
      chosen
        .filter((vector) => vector.direction === direction && 'command' in vector.expected)
        .map(
          ({ dialect, expected }) => `${dialect} ${(expected as Meaning).command.toLowerCase()}`,
        );
    const canonical = vectors.filter(({ isCanonical }) => isCanonical);
    expect(missing(TO_SERVER, of('to-server', canonical))).toEqual([]);
    expect(missing(TO_CLIENT, of('to-client', canonical))).toEqual([]);
  });

  test('of every message in a PACK', () => {
    const found = read
      .filter(({ isPacked }) => isPacked)
      .map(({ direction, means }) => `${direction} ${means.command.toLowerCase()}`);
    expect(missing(PACKED, found)).toEqual([]);
  });

  test.each(['to-server', 'to-client'] as const)(
    'for every reason why a message %s is malformed, if it can occur there',
    (direction) => {
      const found = unread
        .filter((one) => one.direction === direction)
        .map(({ means }) => means.malformed);
      const impossible: MalformedReason[] = direction === 'to-client' ? ['invalid-credit'] : [];
      expect(missing(REASONS, [...found, ...impossible])).toEqual([]);
    },
  );

  test('of every reply, by status, reason and type of its body', () => {
    const replies = read.filter(({ means }) => means.command === 'REPLY');
    expect(
      missing(
        STATUSES,
        replies.map(({ means }) => means.status),
      ),
    ).toEqual([]);
    expect(
      missing(
        REFUSALS,
        replies.map(({ means }) => means.reason),
      ),
    ).toEqual([]);
    for (const isPacked of [false, true]) {
      const bodies = replies
        .filter((one) => one.isPacked === isPacked && one.dialect === 'negotiated')
        .flatMap(({ means }) => Object.keys(means.body ?? {}));
      expect(missing(BODY_TYPES, bodies)).toEqual([]);
    }
  });

  test('of every request header: sent, packed, malformed or ignored', () => {
    const isRequest = (vector: Vector) => isCommand(vector, 'REQUEST');
    const isBad = (vector: Vector) => isMalformed(vector, 'invalid-headers');
    const sent = objectsOf(4, (vector) => isRequest(vector) && vector.isCanonical);
    expect(missing(REQUEST_HEADERS, membersOf(sent))).toEqual([]);
    const entries = objectsOf(2, (vector) => isCommand(vector, 'PACK')).flatMap((block) =>
      Object.values(block).filter(Array.isArray),
    );
    const packed = entries.flatMap((entry) => Object.keys((entry[2] as object | null) ?? {}));
    expect(missing(REQUEST_HEADERS, packed)).toEqual([]);
    const wrong = objectsOf(4, (vector) => isRequest(vector) && isBad(vector));
    const others = [...wrongMembersOf(wrong, ['pattern']), ...FLAGS];
    expect(missing(REQUEST_HEADERS, others)).toEqual([]);
    const ignored = objectsOf(4, (vector) => isRequest(vector) && !vector.isCanonical);
    expect(FLAGS.filter((flag) => !membersOf(ignored).has(flag))).toEqual([]);
  });

  test('of every reply header: sent, malformed or ignored', () => {
    const isReply = (vector: Vector) => isCommand(vector, 'REPLY');
    const isBad = (vector: Vector) => isMalformed(vector, 'invalid-headers');
    const sent = objectsOf(4, (vector) => isReply(vector) && vector.isCanonical);
    expect(missing(REPLY_HEADERS, membersOf(sent))).toEqual([]);
    const wrong = objectsOf(4, (vector) => isReply(vector) && isBad(vector));
    const others = [...wrongMembersOf(wrong, ['status']), ...FLAGS];
    expect(missing(REPLY_HEADERS, others)).toEqual([]);
  });

  test('of every member of a hello: right, and of a wrong type', () => {
    const isHello = (vector: Vector) => isCommand(vector, 'PING') || isCommand(vector, 'PONG');
    const right = objectsOf(4, (vector) => isHello(vector) && vector.isCanonical);
    expect(missing(HELLO, membersOf(right))).toEqual([]);
    const wrong = objectsOf(4, (vector) => isHello(vector) && isMalformed(vector, 'invalid-hello'));
    expect(missing(HELLO, wrongMembersOf(wrong, []))).toEqual([]);
  });

  test('of every capability and state', () => {
    const hellos = read.flatMap(({ means }) => (means.hello ? [means.hello] : []));
    const named = hellos.flatMap(({ capabilities }) => capabilities);
    expect(missing(CAPABILITY_NAMES, named)).toEqual([]);
    expect(
      missing(
        STATES,
        hellos.map(({ state }) => state),
      ),
    ).toEqual([]);
  });

  test('of every member of what a server tells of itself, in every dialect', () => {
    const values = (dialect: Dialect) =>
      read
        .filter((one) => one.dialect === dialect && one.direction === 'to-client')
        .flatMap(({ means }) => (means.body && 'json' in means.body ? [means.body.json] : []))
        .filter((value): value is FreelanceInfo & FreelanceStats => typeof value === 'object')
        .filter((value) => value !== null);
    const dialects: Dialect[] = ['basic', 'tracked', 'guide', 'negotiated'];
    for (const dialect of dialects) {
      const told = values(dialect);
      const full = told.find(({ patterns }) => Array.isArray(patterns));
      expect(missing(INFO, Object.keys(full ?? {}))).toEqual([]);
      expect(missing(LIMITS, Object.keys(full?.limits ?? {}))).toEqual([]);
      expect(missing(PATTERNS, membersOf(full?.patterns ?? []))).toEqual([]);
      const stats = told.filter(({ stats: some }) => typeof some === 'object');
      expect(missing(STATS, membersOf(stats))).toEqual([]);
      const asked = read
        .filter((one) => one.dialect === dialect)
        .map(({ means }) => means.reserved);
      expect(asked).toEqual(expect.arrayContaining([INFO_PATTERN, STATS_PATTERN]));
    }
  });
});

test('PROTOCOL.md explains every reason why a message is malformed', () => {
  const page = readFileSync(new URL('../../PROTOCOL.md', import.meta.url), 'utf8');
  const [, section = ''] = /^## Malformed messages\n(.*?)^## /ms.exec(page) ?? [];
  const explained = Array.from(section.matchAll(/^\| `([\w-]+)`/gm), ([, reason]) => reason);
  expect(explained).toEqual(namesOf(REASONS));
});
