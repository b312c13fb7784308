import { describe, expect, test } from 'vitest';
import type { Health } from '../../lib/core/health.js';
import { Member } from '../../lib/core/member.js';

const standing = { failures: 2, probes: 0, ejections: 0, restsUntil: 0, isOutlier: false };
const member = (health: Health = { state: 'alive', ...standing }) =>
  new Member('tcp://a:1', health);

describe('a server is used according to its health', () => {
  test.each<[Health, string | undefined]>([
    [{ state: 'connecting', probeAt: 0, ...standing }, undefined],
    [{ state: 'alive', ...standing }, 'preferred'],
    [{ state: 'suspect', because: 'silent', trialAt: Infinity, ...standing }, 'reserve'],
    [{ state: 'suspect', because: 'failing', trialAt: 9, ...standing }, 'reserve'],
    [{ state: 'suspect', because: 'failing', trialAt: 9, trial: 'due', ...standing }, 'preferred'],
    [
      { state: 'suspect', because: 'failing', trialAt: 9, trial: 'under way', ...standing },
      'reserve',
    ],
    [{ state: 'suspect', because: 'unready', trialAt: Infinity, ...standing }, undefined],
    [{ state: 'draining', ...standing }, undefined],
    [
      { state: 'dead', because: 'lost', since: 0, probeAt: 0, isProbing: true, ...standing },
      undefined,
    ],
  ])('%o: %s', (health, tier) => {
    expect(member(health).tier).toBe(tier);
  });

  test('of the moment, not of its first day', () => {
    const server = member();
    server.health = {
      state: 'draining',
      failures: 0,
      probes: 0,
      ejections: 0,
      restsUntil: 0,
      isOutlier: false,
    };
    expect(server.tier).toBeUndefined();
    expect(server.failures).toBe(0);
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
    expect(server).toMatchObject({ endpoint: 'tcp://a:1', pending: 0, load: 0, failures: 2 });
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

test.each<[Health, boolean]>([
  [{ state: 'connecting', probeAt: 0, ...standing }, false],
  [{ state: 'alive', ...standing }, false],
  [{ state: 'suspect', because: 'silent', trialAt: Infinity, ...standing }, false],
  [{ state: 'suspect', because: 'unready', trialAt: Infinity, ...standing }, true],
  [{ state: 'draining', ...standing }, true],
  [{ state: 'dead', because: 'lost', since: 0, probeAt: 0, isProbing: true, ...standing }, true],
])('%o is lost: %s', (health, isLost) => {
  expect(member(health).isLost).toBe(isLost);
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
