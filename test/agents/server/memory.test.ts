import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { ServerBench } from '../../support/server-bench.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What the process keeps, in bytes. */
function kept(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const CLIENTS = 400;
const KIB = 1024;

/** As much as a PING may have: almost 64 KiB, of which a server needs some bytes. */
function largePing(n: number) {
  const names = Array.from({ length: 200 }, (_, at) => `${n} ${at} `.padEnd(40, 'x'));
  const hello = {
    id: `client ${n}`.padEnd(256, 'x'),
    heartbeat: 1e12,
    capabilities: ['pack', ...names.map((name) => name.repeat(4)), 'drain'],
    atMostOnce: names,
    more: 'x'.repeat(16 * KIB),
  };
  const text = (byte: string) => Buffer.from(`${n}`.padEnd(256, byte));
  return [Buffer.from(''), 'PING', text('i'), text('t'), Buffer.from(JSON.stringify(hello))];
}

test.each([
  ['that are remembered', () => Promise.resolve(true)],
  ['that wait for a readiness check', () => new Promise<boolean>(() => {})],
])(
  'clients %s cost less than 16 KiB each, however large their PINGs are',
  async (_what, isReady) => {
    const bench = new ServerBench();
    bench.isReady = isReady;
    const socket = await bench.listen();
    socket.hears('first', largePing(0));
    await bench.settle();
    const before = kept();
    for (let n = 1; n <= CLIENTS; n++) {
      socket.hears(`peer ${n}`, largePing(n));
      socket.receivedBy(`peer ${n}`);
    }
    const each = (kept() - before) / CLIENTS;
    expect(bench.agent.stats()).toMatchObject({ clients: CLIENTS + 1, dropped: {} });
    expect(each).toBeLessThan(16 * KIB);
  },
);

test('a client that asked for a rare heartbeat is forgotten ten minutes after it was last heard', async () => {
  const bench = new ServerBench();
  const socket = await bench.listen();
  socket.hears('a', largePing(0));
  await bench.settle();
  bench.clock.advance(599_999);
  expect(bench.agent.stats().clients).toBe(1);
  bench.clock.advance(1);
  expect(bench.agent.stats().clients).toBe(0);
});
