import { describe, expect, test } from 'vitest';
import { ServerBench } from '../../support/server-bench.js';
import { calls, says } from '../../support/server-messages.js';

/** A server that does something for each of these clients. */
async function working(...peers: string[]) {
  const bench = new ServerBench();
  const socket = await bench.listen();
  for (const peer of peers) says(socket, peer);
  await bench.settle();
  for (const peer of peers) calls(socket, peer, '1');
  const heardBy = (peer: string) => socket.receivedBy(peer).length;
  for (const peer of peers) heardBy(peer);
  const isStopped = (peer: string) =>
    bench.calls.every(({ request, signal }) => request.clientId !== peer || signal.aborted);
  const { listener } = socket;
  return { bench, socket, listener, heardBy, isStopped };
}

describe('when connections end', () => {
  test('the first loss causes probes at once, further losses together after 100 ms', async () => {
    const { bench, listener, heardBy } = await working('a');
    for (let n = 0; n < 1000; n++) listener.onPeerLost();
    expect(heardBy('a')).toBe(1);
    bench.clock.advance(99);
    expect(heardBy('a')).toBe(0);
    bench.clock.advance(1);
    expect(heardBy('a')).toBe(1);
    bench.clock.advance(5000);
    expect(heardBy('a')).toBe(0);
    listener.onPeerLost();
    expect(heardBy('a')).toBe(1);
  });

  test('of two clients that are killed the second is found by the second round of probes', async () => {
    const { bench, socket, listener, isStopped } = await working('a', 'b');
    socket.gone.add('a');
    listener.onPeerLost();
    expect([isStopped('a'), isStopped('b')]).toEqual([true, false]);
    socket.gone.add('b');
    listener.onPeerLost();
    expect(isStopped('b')).toBe(false);
    bench.clock.advance(100);
    expect(isStopped('b')).toBe(true);
  });

  test('a loss while nothing is open causes no probe, until the client sends a call', async () => {
    const { bench, socket, listener, heardBy } = await working();
    says(socket, 'a');
    await bench.settle();
    heardBy('a');
    listener.onPeerLost();
    listener.onPeerLost();
    expect(heardBy('a')).toBe(0);
    socket.gone.add('a');
    // What it had said before it was gone, and is heard only now.
    calls(socket, 'a', '1');
    expect(bench.agent.stats()).toMatchObject({ running: 0, abandoned: 1 });
  });

  test('an expensive round of probes is followed by a rest ten times as long', async () => {
    const { bench, socket, listener, heardBy } = await working('a', 'b');
    let isSlow = true;
    socket.whenSent = () => isSlow && bench.clock.freeze(20);
    listener.onPeerLost();
    isSlow = false;
    listener.onPeerLost();
    expect(heardBy('a')).toBe(1);
    bench.clock.advance(399);
    expect(heardBy('a')).toBe(0);
    bench.clock.advance(1);
    expect(heardBy('a')).toBe(1);
  });
});

describe('when connections end in their handshake', () => {
  test('there is at most one round of probes per second', async () => {
    const { bench, listener, heardBy } = await working('a');
    listener.onStrangerLost();
    expect(heardBy('a')).toBe(1);
    for (let n = 0; n < 100; n++) {
      listener.onStrangerLost();
      bench.clock.advance(10);
    }
    expect(heardBy('a')).toBe(1);
    bench.clock.advance(10_000);
    expect(heardBy('a')).toBe(0);
  });

  test('there is none during the rest after an expensive round', async () => {
    const { bench, socket, listener, heardBy } = await working('a');
    socket.whenSent = () => bench.clock.freeze(300);
    listener.onPeerLost();
    listener.onStrangerLost();
    expect(heardBy('a')).toBe(1);
    bench.clock.advance(2999);
    expect(heardBy('a')).toBe(0);
    bench.clock.advance(1);
    expect(heardBy('a')).toBe(1);
  });

  test('a client that is lost meanwhile is found as early as usual', async () => {
    const { bench, socket, listener, heardBy, isStopped } = await working('a', 'b');
    listener.onStrangerLost();
    listener.onStrangerLost();
    bench.clock.advance(500);
    listener.onStrangerLost();
    socket.gone.add('a');
    listener.onPeerLost();
    expect([isStopped('a'), isStopped('b')]).toEqual([true, false]);
    // And those that were to be looked into later are looked into with it.
    heardBy('b');
    bench.clock.advance(5000);
    expect(heardBy('b')).toBe(0);
  });
});

describe('a client that does not read', () => {
  test('gets 16 probes while connections of others end, then one per second', async () => {
    const { bench, socket, listener, heardBy } = await working('a', 'b');
    const lose = (seconds: number) => {
      for (let n = 0; n < seconds * 50; n++) {
        listener.onPeerLost();
        if (n % 10 === 0) calls(socket, 'b', `next ${n}`);
        bench.clock.advance(20);
      }
      return heardBy('a');
    };
    // The other one, which is heard, is looked for ten times a second.
    expect(lose(5)).toBe(16 + 3);
    expect(heardBy('b')).toBe(51);
    says(socket, 'a');
    heardBy('a');
    expect(lose(1)).toBe(11);
  });

  test('is still found once it is gone', async () => {
    const { bench, socket, listener, heardBy, isStopped } = await working('a');
    for (let n = 0; n < 16; n++) {
      listener.onPeerLost();
      bench.clock.advance(100);
    }
    expect(heardBy('a')).toBe(16);
    socket.gone.add('a');
    listener.onPeerLost();
    expect(isStopped('a')).toBe(false);
    bench.clock.advance(1000);
    expect(isStopped('a')).toBe(true);
  });
});
