import { expect, test } from 'vitest';
import { Handshakes } from '../../../lib/sockets/node/handshakes.js';

function handshakes(mostPerAddress: number, most: number, interval = 2000) {
  let now = 0;
  const handshakesOf = new Handshakes(mostPerAddress, most, () => now);
  const dropped: string[] = [];
  const add = (name: string, address: string) => {
    // Each of them a while after the one before.
    now += interval;
    const unknown = { address, drop: () => void dropped.push(name) };
    handshakesOf.add(unknown);
    return () => handshakesOf.delete(unknown);
  };
  return { add, dropped, size: () => handshakesOf.size };
}

test('at the limit of an address its own oldest connection makes room', () => {
  const { add, dropped, size } = handshakes(2, 100);
  add('other', '10.0.0.2');
  for (const name of ['first', 'second', 'third', 'fourth']) add(name, '10.0.0.1');
  expect(dropped).toEqual(['first', 'second']);
  expect(size()).toBe(3);
});

test('at the limit of all the address with most connections makes room', () => {
  const { add, dropped, size } = handshakes(3, 4);
  add('b1', '10.0.0.2');
  for (const name of ['a1', 'a2', 'a3']) add(name, '10.0.0.1');
  add('c1', '10.0.0.3');
  expect(dropped).toEqual(['a1']);
  expect(size()).toBe(4);
});

test('a finished handshake no longer counts', () => {
  const { add, dropped } = handshakes(2, 100);
  const done = add('first', '10.0.0.1');
  add('second', '10.0.0.1');
  done();
  done();
  add('third', '10.0.0.1');
  expect(dropped).toEqual([]);
  add('fourth', '10.0.0.1');
  expect(dropped).toEqual(['second']);
});

test('a fleet that reconnects at once gets in: while no handshake takes long, the newest has to try again', () => {
  const { add, dropped, size } = handshakes(2, 100, 1);
  for (const name of ['first', 'second', 'third']) add(name, '10.0.0.1');
  expect(dropped).toEqual(['third']);
  expect(size()).toBe(2);
});
