import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeHello, encodeHello, type Hello } from '../../lib/protocol/hello.js';
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
const golden =
  '{"protocol":2,"id":"server-1","capabilities":["event","stream"],"state":"ready","load":0.25}';

test('a hello is the JSON of PROTOCOL.md, in both directions', () => {
  expect(encodeHello(server).toString()).toBe(golden);
  expect(read(golden)).toEqual(server);
});

test('a hello arrives as it was sent', () => {
  fc.assert(
    fc.property(hello, (sent) => {
      expect(decodeHello(encodeHello(sent))).toEqual(sent);
    }),
  );
});

describe('a hello of another peer', () => {
  test('may leave everything out', () => {
    const neutral = { protocol: 2, id: '', capabilities: [], state: 'ready', load: 0 };
    expect(read('{}')).toEqual(neutral);
  });

  test('may be of a client that tells how often it pings', () => {
    expect(read('{"id":"client-1","heartbeat":1000}')).toMatchObject({ heartbeat: 1000 });
    expect(encodeHello({ ...server, heartbeat: 500 }).toString()).toContain('"heartbeat":500');
    expect(read('{"id":"client-1"}')).not.toHaveProperty('heartbeat');
  });

  test('may be of a server that has lost messages', () => {
    expect(read('{"lost":true}')).toMatchObject({ lost: true });
    expect(read('{}')).not.toHaveProperty('lost');
  });

  test('keeps capabilities that we do not know, and loses members that we do not know', () => {
    const decoded = read('{"protocol":3,"capabilities":["telepathy"],"mood":"fine"}');
    expect(decoded).toMatchObject({ protocol: 3, capabilities: ['telepathy'] });
    expect(decoded).not.toHaveProperty('mood');
  });

  test.each([
    ['-1', 0],
    ['1.5', 1],
    ['1e999', 1],
    ['0', 0],
    ['1', 1],
  ])('that claims a load of %s has the load %d', (claimed, load) => {
    expect(read(`{"load":${claimed}}`)).toMatchObject({ load });
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
    '{"heartbeat":null}',
    '{"lost":1}',
  ])('%s is invalid', (sent) => {
    expect(read(sent)).toEqual(malformed('invalid hello'));
  });

  test('that cannot be read is malformed', () => {
    expect(read('')).toEqual(malformed('invalid JSON'));
    expect(read('{"id":')).toEqual(malformed('invalid JSON'));
    expect(decodeHello(notUtf8)).toEqual(malformed('invalid UTF-8'));
  });

  test('never makes decoding throw, and what decodes is sound', () => {
    fc.assert(
      fc.property(anyFrame, (sent) => {
        const decoded = decodeHello(sent);
        const again = isMalformed(decoded) ? decoded : decodeHello(encodeHello(decoded));
        expect(again).toEqual(decoded);
      }),
    );
  });

  test.each([
    ['a deep array for a hello', deepArray, malformed('invalid hello')],
    ['a deep id', `{"id":${deepObject}}`, malformed('invalid hello')],
    ['deep capabilities', `{"capabilities":${deepArray}}`, malformed('invalid hello')],
    ['a deep member that we do not know', `{"id":"a","x":${deepObject}}`, { id: 'a' }],
  ])('%s does not throw', (_, sent, expected) => {
    expect(read(sent)).toMatchObject(expected);
  });

  test('gains nothing by a key __proto__', () => {
    expect(read('{"__proto__":{"id":"evil","load":1,"state":"draining"}}')).toEqual({
      protocol: 2,
      id: '',
      capabilities: [],
      state: 'ready',
      load: 0,
    });
  });
});

test.each([
  ['1e999', 3_600_000],
  ['-5', 0],
])('a heartbeat of %s is bounded', (heartbeat, bounded) => {
  expect(decodeHello(Buffer.from(`{"heartbeat":${heartbeat}}`))).toMatchObject({
    heartbeat: bounded,
  });
});
