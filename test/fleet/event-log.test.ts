import { describe, expect, test } from 'vitest';
import { EventLog, type Sighting } from '../../lib/fleet/event-log.js';
import type { DiscoveryMessage, FailoverMessage } from '../../lib/telemetry/messages.js';

const sighting = (event: Sighting['event'], rest: Partial<Sighting> = {}): Sighting => ({
  event,
  endpoint: 'tcp://one:1',
  serverId: 'one',
  reason: '',
  seenBy: undefined,
  ...rest,
});

const failover = (rest: Partial<FailoverMessage> = {}): FailoverMessage => ({
  client: { id: 'id', name: 'inventory' },
  pattern: 'sum',
  reason: 'move',
  endpoint: 'tcp://two:1',
  from: 'tcp://one:1',
  outcome: 'it closed the connection',
  ...rest,
});

const change = (rest: Partial<DiscoveryMessage> = {}): DiscoveryMessage => ({
  client: { id: 'id', name: 'inventory' },
  discovery: 'dns orders',
  servers: [],
  added: [],
  removed: [],
  error: undefined,
  ...rest,
});

const noId = () => undefined;

describe('the log of events', () => {
  test('tells what happened to a server, and why', () => {
    const log = new EventLog();
    log.sighted(sighting('down', { reason: 'it closed the connection' }), 1000);
    log.sighted(sighting('up'), 1001);
    expect(log.take(noId)).toEqual([
      {
        at: 1000,
        kind: 'down',
        endpoint: 'tcp://one:1',
        serverId: 'one',
        text: 'is down: it closed the connection',
      },
      expect.objectContaining({ kind: 'up', text: 'is up' }),
    ]);
    expect(log.take(noId)).toEqual([]);
  });

  test('tells again what happened before the clock was set back', () => {
    const log = new EventLog();
    log.sighted(sighting('suspect'), 3_600_000);
    log.sighted(sighting('suspect'), 1000);
    expect(log.take(noId)).toHaveLength(2);
  });

  test('tells once what several clients see', () => {
    const log = new EventLog();
    log.sighted(sighting('down'), 1000);
    log.sighted(sighting('down', { seenBy: 'inventory' }), 1800);
    log.sighted(sighting('down', { endpoint: 'tcp://two:1' }), 1800);
    log.sighted(sighting('up'), 2000);
    log.sighted(sighting('down'), 2100);
    expect(log.take(noId).map(({ kind, endpoint }) => `${kind} ${endpoint}`)).toEqual([
      'down tcp://one:1',
      'down tcp://two:1',
      'up tcp://one:1',
      'down tcp://one:1',
    ]);
  });

  test('calls a server ejected whose calls fail, and names the client that says so', () => {
    const log = new EventLog();
    log.sighted(sighting('suspect', { reason: 'failing', seenBy: 'inventory' }), 1000);
    log.sighted(sighting('suspect', { reason: 'silent' }), 1001);
    expect(log.take(noId)).toMatchObject([
      { kind: 'ejected', text: 'was ejected: its calls fail, or time out, as inventory sees it' },
      { kind: 'suspect', text: 'is suspect: it does not answer heartbeats' },
    ]);
  });

  test('tells calls that move together as one event, in the order of time', () => {
    const log = new EventLog();
    log.movedOn(failover(), 'inventory', 1000);
    log.sighted(sighting('down'), 1001);
    log.movedOn(failover(), 'inventory', 1002);
    log.movedOn(failover({ reason: 'hedge' }), 'inventory', 1002);
    log.movedOn(failover({ from: undefined }), 'inventory', 1002);
    const events = log.take((endpoint) => `id of ${endpoint}`);
    expect(events).toMatchObject([
      {
        at: 1000,
        kind: 'failover',
        serverId: 'id of tcp://one:1',
        text: 'lost 2 calls of inventory to other servers: it closed the connection',
      },
      { kind: 'down' },
    ]);
  });

  test('remembers why a server is as it is, until it is no longer watched', () => {
    const log = new EventLog();
    log.sighted(sighting('down', { reason: 'gone' }), 1000);
    expect(log.reasonOf('tcp://one:1')).toBe('gone');
    log.retain(new Set(['tcp://one:1']), 1001);
    expect(log.reasonOf('tcp://one:1')).toBe('gone');
    log.retain(new Set(), 1002);
    expect(log.reasonOf('tcp://one:1')).toBe('');
  });

  test('tells which servers a discovery adds and removes, once for all the clients that follow it', () => {
    const log = new EventLog();
    log.discovered(change({ added: ['tcp://one:1'], removed: ['tcp://two:1'] }), 1000);
    log.discovered(change({ added: ['tcp://one:1'], removed: ['tcp://two:1'] }), 9000);
    expect(log.take((endpoint) => (endpoint === 'tcp://two:1' ? 'two' : undefined))).toEqual([
      {
        at: 1000,
        kind: 'added',
        endpoint: 'tcp://one:1',
        serverId: undefined,
        text: 'was added by discovery: dns orders',
      },
      {
        at: 1000,
        kind: 'removed',
        endpoint: 'tcp://two:1',
        serverId: 'two',
        text: 'was removed by discovery: dns orders',
      },
    ]);
    log.discovered(change({ added: ['tcp://two:1'] }), 9001);
    expect(log.take(noId)).toMatchObject([{ kind: 'added', endpoint: 'tcp://two:1' }]);
    log.retain(new Set(), 39_001);
    log.discovered(change({ added: ['tcp://two:1'] }), 39_001);
    expect(log.take(noId)).toHaveLength(1);
  });

  test('tells of what a discovery adds again after the clock was set back', () => {
    const log = new EventLog();
    log.discovered(change({ added: ['tcp://one:1'] }), 100_000);
    log.discovered(change({ added: ['tcp://one:1'] }), 50_000);
    expect(log.take(noId)).toHaveLength(2);
    log.retain(new Set(), 10_000);
    log.discovered(change({ added: ['tcp://one:1'] }), 50_001);
    expect(log.take(noId)).toHaveLength(1);
  });

  test('tells of a whole deployment in one line', () => {
    const log = new EventLog();
    const added = Array.from({ length: 200 }, (_, n) => `tcp://10.0.0.${n}:1`);
    log.discovered(change({ added }), 1000);
    log.discovered(change({ added }), 1001);
    expect(log.take(noId)).toMatchObject([
      {
        endpoint: 'tcp://10.0.0.0:1',
        text: 'and 199 more were added by discovery: dns orders',
      },
    ]);
  });

  test('is bounded, however much happens between two snapshots', () => {
    const log = new EventLog();
    for (let at = 0; at < 5000; at++) {
      log.sighted(sighting(at % 2 === 0 ? 'up' : 'down'), at);
      log.movedOn(failover({ outcome: `outcome ${at}` }), 'inventory', at);
    }
    expect(log.take(noId).length).toBeLessThanOrEqual(1000);
  });
});
