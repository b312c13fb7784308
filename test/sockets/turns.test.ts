import { expect, test } from 'vitest';
import { type Reader, Turns } from '../../lib/sockets/turns.js';

/** Turns of an event loop that turns when the test says so. */
function loop() {
  let now = 0;
  const planned: (() => void)[] = [];
  const turns = new Turns(
    () => now,
    (run) => planned.push(run),
  );
  return {
    turns,
    planned,
    spend: (ms: number) => (now += ms),
    turn: () => {
      for (const run of planned.splice(0)) run();
    },
  };
}

test('a turn is over once all readers together have used its time', () => {
  const { turns, spend } = loop();
  for (let connection = 0; connection < 5; connection++) {
    turns.begin();
    expect(turns.isOver).toBe(false);
    spend(2);
    turns.end();
  }
  turns.begin();
  spend(0.5);
  expect(turns.isOver).toBe(true);
});

test('the next turn has its full time', () => {
  const { turns, spend, turn } = loop();
  turns.begin();
  spend(50);
  turns.end();
  turn();
  turns.begin();
  expect(turns.isOver).toBe(false);
});

test('short work schedules nothing, so that the event loop can rest', () => {
  const { turns, spend, planned } = loop();
  turns.begin();
  spend(1);
  turns.end();
  expect(planned).toHaveLength(0);
});

test('waiting readers go on in order, as many as the time allows', () => {
  const { turns, spend, turn, planned } = loop();
  const heard: string[] = [];
  const reader = (name: string, rounds: number): Reader => ({
    readOn() {
      heard.push(name);
      spend(6);
      if (--rounds > 0) turns.wait(this);
    },
  });
  turns.wait(reader('flood', 3));
  turns.wait(reader('b', 1));
  turns.wait(reader('c', 1));
  turn();
  expect(heard).toEqual(['flood', 'b']);
  turn();
  expect(heard).toEqual(['flood', 'b', 'c', 'flood']);
  turn();
  expect(heard).toEqual(['flood', 'b', 'c', 'flood', 'flood']);
  turn();
  expect(planned).toHaveLength(0);
});

test('a single flooding reader goes on once per turn', () => {
  const { turns, turn } = loop();
  let rounds = 0;
  turns.wait({
    readOn() {
      rounds++;
      turns.wait(this);
    },
  });
  turn();
  expect(rounds).toBe(1);
  turn();
  expect(rounds).toBe(2);
});
