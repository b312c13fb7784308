import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AtMostOncePatterns, NAMED_IN_HELLO } from '../../lib/protocol/at-most-once.js';
import { CAPABILITIES, decodeHello, encodeHello, type Hello } from '../../lib/protocol/hello.js';
import { isMalformed } from '../../lib/protocol/malformed.js';
import { anyFrame, hello } from './arbitraries.js';
import { deepArray, deepObject, malformed, notUtf8 } from './hostile.js';
import { fixSeed } from '../support/fix-seed.js';

fixSeed(4);

const read = (sent: string) => decodeHello(Buffer.from(sent));

const server: Hello = {
  protocol: 2,
  id: 'server-1',
  capabilities: ['event', 'stream'],
  state: 'ready',
  load: 0.25,
};
const deepButShort = `${'['.repeat(32_000)}${']'.repeat(32_000)}`;

const golden =
  '{"protocol":2,"id":"server-1","capabilities":["event","stream"],"state":"ready","load":0.25}';

test('a hello matches the JSON in PROTOCOL.md, in both directions', () => {
  expect(encodeHello(server).toString()).toBe(golden);
  expect(read(golden)).toEqual(server);
});

test('a hello round-trips', () => {
  fc.assert(
    fc.property(hello, (sent) => {
      expect(decodeHello(encodeHello(sent))).toEqual(sent);
    }),
  );
});

describe("a peer's hello", () => {
  test('may omit every member', () => {
    const neutral = { protocol: 2, id: '', capabilities: [], state: 'ready', load: 0 };
    expect(read('{}')).toEqual(neutral);
  });

  test('of a client may tell its heartbeat interval', () => {
    expect(read('{"id":"client-1","heartbeat":1000}')).toMatchObject({ heartbeat: 1000 });
    expect(encodeHello({ ...server, heartbeat: 500 }).toString()).toContain('"heartbeat":500');
    expect(read('{"id":"client-1"}')).not.toHaveProperty('heartbeat');
  });

  test('of a server may tell its service, zone and weight', () => {
    const told = { service: 'orders', zone: 'eu-1a', weight: 2.5 };
    expect(read(JSON.stringify(told))).toMatchObject(told);
    expect(read(encodeHello({ ...server, ...told }).toString())).toEqual({ ...server, ...told });
    for (const name of Object.keys(told)) expect(read('{}')).not.toHaveProperty(name);
    expect(read('{"service":"","zone":""}')).toEqual(read('{}'));
    expect(read('{"weight":0}')).toMatchObject({ weight: 0.001 });
    expect(read('{"weight":1e99}')).toMatchObject({ weight: 1_000_000 });
  });

  test('of a server may report lost messages', () => {
    expect(read('{"lost":true}')).toMatchObject({ lost: true });
    expect(read('{}')).not.toHaveProperty('lost');
  });

  test('loses unknown capabilities, duplicates and unknown members', () => {
    const decoded = read(
      '{"protocol":3,"capabilities":["telepathy","pack","pack","event"],"mood":"fine"}',
    );
    expect(decoded).toMatchObject({ protocol: 3, capabilities: ['event', 'pack'] });
    expect(decoded).not.toHaveProperty('mood');
  });

  test('that announces every capability shares one list', () => {
    const all = read('{"capabilities":["pack","drain","cancel","stream","event"]}');
    expect(isMalformed(all) || all.capabilities).toBe(CAPABILITIES);
  });

  test.each([
    ['60000', 60_000],
    ['60001', 60_000],
    ['1e999', 60_000],
    ['-1', 0],
  ])('with a heartbeat of %s ms counts as %d ms', (claimed, heartbeat) => {
    expect(read(`{"heartbeat":${claimed}}`)).toMatchObject({ heartbeat });
  });

  test.each([
    ['an id of 256 bytes', { id: 'x'.repeat(256) }, true],
    ['an id of 257 bytes', { id: 'x'.repeat(257) }, false],
    ['an id of 100 characters that are 300 bytes', { id: '€'.repeat(100) }, false],
    ['64 KiB', { rest: 'x'.repeat(64 * 1024 - 11) }, true],
    ['64 KiB and a byte', { rest: 'x'.repeat(64 * 1024 - 10) }, false],
  ])('is bounded in size: %s', (_what, sent, isRead) => {
    expect(isMalformed(read(JSON.stringify(sent)))).toBe(!isRead);
  });

  test('may name as many patterns as the bound allows', () => {
    const patterns = new AtMostOncePatterns(NAMED_IN_HELLO);
    // JSON encodes each of these characters in six bytes.
    for (let n = 0; n < 256; n++)
      patterns.add(`${String.fromCharCode(1 + (n % 8)).repeat(28)}${n}`);
    expect(patterns.names).toHaveLength(256);
    const sent = { ...server, capabilities: [...CAPABILITIES], atMostOnce: patterns.names };
    expect(decodeHello(encodeHello(sent))).toEqual(sent);
  });

  test('of a server may say that every handler runs at most once, and omits the member if none does', () => {
    expect(read('{"atMostOnce":true}')).toMatchObject({ atMostOnce: true });
    for (const none of ['{"atMostOnce":false}', '{"atMostOnce":[]}', '{}'])
      expect(read(none)).not.toHaveProperty('atMostOnce');
  });

  test.each([
    ['-1', 0],
    ['1.5', 1],
    ['1e999', 1],
    ['0', 0],
    ['1', 1],
  ])('with a load of %s counts as a load of %d', (claimed, load) => {
    expect(read(`{"load":${claimed}}`)).toMatchObject({ load });
  });

  test('tells the largest message that it accepts, if it has a limit', () => {
    expect(read('{"maxMessageSize":1000}')).toMatchObject({ maxMessageSize: 1000 });
    expect(read('{}')).not.toHaveProperty('maxMessageSize');
  });

  test.each(['ready', 'unready', 'draining'])('may be %s', (state) => {
    expect(read(`{"state":"${state}"}`)).toMatchObject({ state });
  });

  test.each([
    '[]',
    'null',
    '"hello"',
    '2',
    '{"protocol":"2"}',
    '{"protocol":null}',
    '{"id":7}',
    '{"capabilities":"pack"}',
    '{"capabilities":["pack",1]}',
    '{"capabilities":{"length":0}}',
    '{"state":"sleepy"}',
    '{"state":["ready"]}',
    '{"load":"0.5"}',
    '{"load":null}',
    '{"heartbeat":"1000"}',
    '{"service":1}',
    `{"service":"${'x'.repeat(257)}"}`,
    '{"zone":null}',
    '{"weight":"2"}',
    '{"heartbeat":null}',
    '{"lost":1}',
    '{"maxMessageSize":"1000"}',
    '{"maxMessageSize":null}',
    '{"atMostOnce":"charge"}',
  ])('%s is invalid', (sent) => {
    expect(read(sent)).toEqual(malformed('invalid-hello'));
  });

  test('that cannot be decoded is malformed', () => {
    expect(read('')).toEqual(malformed('invalid-json'));
    expect(read('{"id":')).toEqual(malformed('invalid-json'));
    expect(decodeHello(notUtf8)).toEqual(malformed('invalid-utf8'));
  });

  test('never makes decoding throw, and decodes to valid values', () => {
    fc.assert(
      fc.property(anyFrame, (sent) => {
        const decoded = decodeHello(sent);
        const again = isMalformed(decoded) ? decoded : decodeHello(encodeHello(decoded));
        expect(again).toEqual(decoded);
      }),
    );
  });

  test.each([
    ['a deep array for a hello', deepArray, malformed('invalid-hello')],
    ['a deep id', `{"id":${deepObject}}`, malformed('invalid-hello')],
    ['deep capabilities', `{"capabilities":${deepArray}}`, malformed('invalid-hello')],
    ['a deep member that we do not know', `{"id":"a","x":${deepButShort}}`, { id: 'a' }],
  ])('%s does not throw', (_, sent, expected) => {
    expect(read(sent)).toMatchObject(expected);
  });

  test('inherits nothing from a key __proto__', () => {
    expect(read('{"__proto__":{"id":"evil","load":1,"state":"draining"}}')).toEqual({
      protocol: 2,
      id: '',
      capabilities: [],
      state: 'ready',
      load: 0,
    });
  });
});
