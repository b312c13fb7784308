import { expect, test } from 'vitest';
import type { ServerView } from '../../../lib/core/balancer.js';
import { lowestLatency } from '../../../lib/core/balancers/lowest-latency.js';
import { view } from './server-view.js';

const picked = (first: ServerView, ...others: ServerView[]) =>
  lowestLatency.pick([first, ...others], { now: 0, random: () => 0 }).endpoint;

test('the fastest heartbeat wins, whatever its position', () => {
  const [slow, quick, middling] = [
    view('slow', { latencyMs: 90 }),
    view('quick', { latencyMs: 3 }),
    view('middling', { latencyMs: 20 }),
  ];
  expect(picked(quick, middling, slow)).toBe('quick');
  expect(picked(middling, quick, slow)).toBe('quick');
  expect(picked(slow, middling, quick)).toBe('quick');
});

test('fewer consecutive failures outweigh any latency', () => {
  const failing = view('failing', { latencyMs: 1, failures: 2 });
  const sound = view('sound', { latencyMs: 900, failures: 1 });
  expect(picked(failing, sound)).toBe('sound');
  expect(picked(sound, failing)).toBe('sound');
});

test('a server of unknown latency comes last', () => {
  const [unknown, slow] = [view('unknown'), view('slow', { latencyMs: 5000 })];
  expect(picked(unknown, slow)).toBe('slow');
  expect(picked(slow, unknown)).toBe('slow');
});

test('a latency of zero counts as known', () => {
  expect(picked(view('slow', { latencyMs: 1 }), view('here', { latencyMs: 0 }))).toBe('here');
});

test('the first of several equals is kept, so that calls do not wander', () => {
  expect(picked(view('a', { latencyMs: 5 }), view('b', { latencyMs: 5 }))).toBe('a');
  expect(picked(view('a'), view('b'))).toBe('a');
});

test('response times, calls in flight and load are ignored', () => {
  const busy = view('busy', { latencyMs: 1, responseMs: 900, pending: 99, load: 1 });
  expect(picked(view('idle', { latencyMs: 2, responseMs: 1 }), busy)).toBe('busy');
});

test('a single server is picked whatever its state', () => {
  expect(picked(view('only', { failures: 9 }))).toBe('only');
});
