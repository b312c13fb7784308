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

test('a turn is over once messages have taken their time of it, whoever delivered them', () => {
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

test('the next turn has its own time', () => {
  const { turns, spend, turn } = loop();
  turns.begin();
  spend(50);
  turns.end();
  turn();
  turns.begin();
  expect(turns.isOver).toBe(false);
});

test('work of little time plans nothing: the event loop may rest', () => {
  const { turns, spend, planned } = loop();
  turns.begin();
  spend(1);
  turns.end();
  expect(planned).toHaveLength(0);
});

test('those that wait go on in the order in which they came, as many as the time is enough for', () => {
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

test('who floods alone goes on once a turn, not at once', () => {
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
