import { describe, expect, test } from 'vitest';
import type { Health } from '../../lib/core/health.js';
import { Member } from '../../lib/core/member.js';
import { healths } from '../support/healths.js';

const member = (health: Health = healths.alive) => new Member('tcp://a:1', health);

describe('a server is used according to its health', () => {
  test.each<[keyof typeof healths, string | undefined]>([
    ['connecting', undefined],
    ['alive', 'preferred'],
    ['silent', 'reserve'],
    ['failing', 'reserve'],
    ['failingAndSilent', 'reserve'],
    ['failingAndUnready', undefined],
    ['trialDue', 'preferred'],
    ['onTrial', 'reserve'],
    ['unready', undefined],
    ['draining', undefined],
    ['dead', undefined],
  ])('%s: %s', (name, tier) => {
    expect(member(healths[name]).tier).toBe(tier);
  });

  test('as it is now, not as it was at first', () => {
    const server = member();
    server.health = healths.draining;
    expect(server.tier).toBeUndefined();
    server.health = healths.failing;
    expect(server.failures).toBe(3);
  });
});

describe('room', () => {
  test('has no end, as long as nothing else is known', () => {
    const server = member();
    server.pending = 1e6;
    expect(server.hasRoom).toBe(true);
  });

  test('of a server that takes one call at once ends with the first', () => {
    const server = member();
    server.capacity = 1;
    expect(server.hasRoom).toBe(true);
    server.pending = 1;
    expect(server.hasRoom).toBe(false);
    server.pending = 0;
    expect(server.hasRoom).toBe(true);
  });
});

describe('what a balancer sees', () => {
  test('at first: nothing measured, nothing pending', () => {
    const server = member();
    expect(server.latencyMs).toBeUndefined();
    expect(server.responseMs(0)).toBeUndefined();
    expect(server).toMatchObject({ endpoint: 'tcp://a:1', pending: 0, load: 0, failures: 0 });
  });

  test('heartbeats tell the latency, answers the response time, and neither the other', () => {
    const server = member();
    server.latency.observe(8);
    expect(server.latencyMs).toBe(8);
    expect(server.responseMs(0)).toBeUndefined();
    server.responded(120, 1000);
    expect(server.responseMs(1000)).toBe(120);
    expect(server.responseMs(11_000)).toBeCloseTo(120 / Math.E);
    expect(server.latencyMs).toBe(8);
  });
});

test('an attempt without an answer only ever makes a server look slower', () => {
  const server = member();
  server.isSlowerThan(50, 0);
  expect(server.responseMs(0)).toBe(50);
  server.isSlowerThan(20, 0);
  expect(server.responseMs(0)).toBe(50);
  server.isSlowerThan(80, 0);
  expect(server.responseMs(0)).toBe(80);
});

test.each<[keyof typeof healths, boolean]>([
  ['connecting', false],
  ['alive', false],
  ['silent', false],
  ['unready', true],
  ['draining', true],
  ['dead', true],
])('%s is lost: %s', (name, isLost) => {
  expect(member(healths[name]).isLost).toBe(isLost);
});

describe('a server that fails', () => {
  test('is measured by itself, if it has no peers', () => {
    const server = member();
    server.respondedByFailing(1, 0);
    expect(server.responseMs(0)).toBeUndefined();
    expect(server.failedLoad(0)).toBe(1);
  });

  test('is taken to be no faster than its peers', () => {
    const [server, peer] = [member(), member()];
    server.peers = () => [peer];
    peer.responded(40, 0);
    server.respondedByFailing(1, 0);
    expect(server.responseMs(0)).toBe(40);
  });
});
