import { expect, test } from 'vitest';
import { FULL, QUICK, readOptions } from '../../benchmark/src/options.js';
import { SCENARIOS } from '../../benchmark/src/scenarios/registry.js';
import { SUBJECT_NAMES } from '../../benchmark/src/subjects/registry.js';

test('without arguments everything is measured and kept', () => {
  expect(readOptions([])).toEqual({
    isHelp: false,
    ...FULL,
    scenarios: SCENARIOS.map(({ name }) => name),
    subjects: SUBJECT_NAMES,
    engine: undefined,
    out: undefined,
    isFull: true,
  });
});

test('a quick run measures everything and is not kept', () => {
  expect(readOptions(['--quick'])).toEqual({ ...readOptions([]), ...QUICK, isFull: false });
});

test.each([
  [['--only', 'streams,calls'], { scenarios: ['calls', 'streams'] }],
  [['--subjects', 'tcp, freelance'], { subjects: ['freelance', 'tcp'] }],
  [['--engine', 'libzmq'], { engine: 'libzmq' }],
  [['--rounds', '3'], { rounds: 3 }],
  [['--quick', '--seconds', '0.5'], { rounds: QUICK.rounds, seconds: 0.5 }],
])('%j measures less and is not kept', (args, expected) => {
  expect(readOptions(args)).toMatchObject({ ...expected, isFull: false });
});

test('an output folder does not make a run incomplete', () => {
  expect(readOptions(['--out', 'elsewhere'])).toMatchObject({ out: 'elsewhere', isFull: true });
});

test.each([
  [['--bogus'], "Unknown option '--bogus'"],
  [['calls'], "Unexpected argument 'calls'"],
  [
    ['--only', 'cals'],
    "--only knows calls, secure, payloads, streams, events, servers, idle, crowd, scale, but got 'cals'.",
  ],
  [
    ['--subjects', 'tcp,'],
    "--subjects knows freelance, freelance-libzmq, tcp, nats, redis, grpc, freelance-curve, freelance-curve-libzmq, tcp-tls, echo, raw, pipeline, but got ''.",
  ],
  [['--engine', 'zmq'], "--engine knows node, libzmq, but got 'zmq'."],
  [['--rounds', '0'], "--rounds takes a whole number from 1 to 100, but got '0'."],
  [['--rounds', '1.5'], "--rounds takes a whole number from 1 to 100, but got '1.5'."],
  [['--rounds', '101'], "--rounds takes a whole number from 1 to 100, but got '101'."],
  [['--seconds', 'long'], "--seconds takes a number from 0.05 to 60, but got 'long'."],
  [['--seconds', ''], "--seconds takes a number from 0.05 to 60, but got ''."],
])('%j is rejected', (args, message) => {
  expect(() => readOptions(args)).toThrow(message);
});
