import { beforeEach, describe, expect, test } from 'vitest';
import { Pinger, type PingOutcome } from '../../../lib/cli/ping/pinger.js';
import { CAPABILITIES, type Hello } from '../../../lib/protocol/hello.js';
import type { OutgoingServerMessage } from '../../../lib/protocol/messages.js';
import { FakeSockets } from '../../support/fake-sockets.js';
import { ManualClock } from '../../support/manual-clock.js';

const ENDPOINT = 'tcp://127.0.0.1:5555';
const HELLO: Hello = { protocol: 2, id: 'me', capabilities: [], state: 'ready', load: 0 };
const SERVER: Hello = { ...HELLO, id: 'math-1', capabilities: CAPABILITIES, load: 0.25 };

describe('Pinger', () => {
  let sockets: FakeSockets;
  let clock: ManualClock;
  let settled: [sequence: number, outcome: PingOutcome][];
  let isDone: boolean;

  beforeEach(() => {
    sockets = new FakeSockets();
    clock = new ManualClock();
    settled = [];
    isDone = false;
  });

  function start(count: number): Pinger {
    const options = { endpoint: ENDPOINT, count, intervalMs: 1000, timeoutMs: 3000, hello: HELLO };
    const pinger = new Pinger(
      options,
      { sockets, clock },
      {
        settled: (sequence, outcome) => settled.push([sequence, outcome]),
        done: () => (isDone = true),
      },
    );
    pinger.start();
    return pinger;
  }

  const server = () => sockets.to(ENDPOINT);

  function pong(id: string, dialect: 'basic' | 'tracked' | 'negotiated' = 'negotiated') {
    const pongs = {
      basic: { type: 'pong', dialect: 'basic', serverId: 'old' },
      tracked: { type: 'pong', dialect: 'tracked', id, time: '1' },
      negotiated: { type: 'pong', dialect: 'negotiated', id, time: '1', hello: SERVER },
    } as const satisfies Record<string, OutgoingServerMessage>;
    server().says(pongs[dialect]);
  }

  test('connects, PINGs when it is connected, and measures from the PING to its PONG', () => {
    start(1);
    clock.advance(40);
    expect(server().received()).toEqual([]);
    server().listener.onReady();
    expect(server().received()).toMatchObject([{ type: 'ping', id: '1', hello: HELLO }]);
    clock.advance(7);
    pong('1');
    expect(settled).toMatchObject([
      [1, { type: 'answered', ms: 7, connectMs: 40, pong: { hello: { id: 'math-1' } } }],
    ]);
    expect(isDone).toBe(true);
    expect(server().isClosed).toBe(true);
    expect(clock.timers).toBe(0);
  });

  test('sends one PING per interval, over the same connection', () => {
    start(3);
    server().listener.onReady();
    for (const id of ['1', '2', '3']) {
      expect(server().received()).toMatchObject([{ type: 'ping', id }]);
      clock.advance(10);
      pong(id);
      clock.advance(990);
    }
    expect(settled.map(([sequence, { type }]) => [sequence, type])).toEqual([
      [1, 'answered'],
      [2, 'answered'],
      [3, 'answered'],
    ]);
    expect(settled[1]?.[1]).toMatchObject({ connectMs: undefined });
    expect(sockets.connections).toHaveLength(1);
    expect(isDone).toBe(true);
  });

  test.each(['basic', 'tracked', 'negotiated'] as const)('hears a %s server', (dialect) => {
    start(1);
    server().listener.onReady();
    pong('1', dialect);
    expect(settled).toMatchObject([[1, { type: 'answered', pong: { dialect } }]]);
  });

  test('a PONG of another PING counts for nothing', () => {
    start(2);
    server().listener.onReady();
    pong('1');
    pong('1');
    clock.advance(1000);
    pong('1');
    pong('77');
    expect(settled).toHaveLength(1);
    pong('2');
    expect(settled).toHaveLength(2);
  });

  test('a refused connection fails its PING at once, and the next PING connects anew', () => {
    start(2);
    server().listener.onLost('the connection was refused');
    expect(settled).toEqual([[1, { type: 'failed', reason: 'the connection was refused' }]]);
    expect(sockets.connections).toHaveLength(1);
    clock.advance(1000);
    expect(sockets.connections).toHaveLength(2);
    server().listener.onReady();
    pong('2');
    expect(settled[1]).toMatchObject([2, { type: 'answered' }]);
    expect(isDone).toBe(true);
  });

  test('a connection that is lost between two PINGs fails none of them', () => {
    start(2);
    server().listener.onReady();
    pong('1');
    server().listener.onLost('the connection was closed');
    expect(settled).toHaveLength(1);
    clock.advance(1000);
    server().listener.onReady();
    pong('2');
    expect(settled.map(([, { type }]) => type)).toEqual(['answered', 'answered']);
  });

  test('a PING without an answer says how far it came, and takes its connection with it', () => {
    start(2);
    clock.advance(3000);
    expect(settled).toMatchObject([
      [1, { type: 'failed', reason: 'not connected within 3000 ms' }],
    ]);
    expect(sockets.connections[0]?.isClosed).toBe(true);
    clock.advance(0);
    server().listener.onReady();
    clock.advance(3000);
    expect(settled[1]?.[1]).toMatchObject({
      reason: expect.stringContaining('connected, but no PONG within 3000 ms'),
    });
    expect(server().isClosed).toBe(true);
    expect(isDone).toBe(true);
  });

  test('a server that denies the client, or sends nonsense, fails the PING', () => {
    start(2);
    server().listener.onReady();
    server().says({ type: 'denied' });
    clock.advance(1000);
    server().listener.onReady();
    server().says([Buffer.alloc(0), 'PONG', '1', '2', 'no JSON']);
    expect(settled.map(([, outcome]) => outcome)).toEqual([
      { type: 'failed', reason: 'it does not, or no longer, authorize this client' },
      { type: 'failed', reason: expect.stringContaining('it sent no PONG') },
    ]);
  });

  test('stop leaves nothing behind, and tells nothing more', () => {
    const pinger = start(Infinity);
    server().listener.onReady();
    pinger.stop();
    expect(server().isClosed).toBe(true);
    expect(clock.timers).toBe(0);
    expect(settled).toEqual([]);
    expect(isDone).toBe(false);
  });
});
