import { describe, expect, it } from 'vitest';
import { Heartbeat } from '../../lib/zmtp/heartbeat.js';

const options = { intervalMs: 1000, timeoutMs: 3000 };

describe('a heartbeat', () => {
  it('pings each interval while nothing comes', () => {
    const heartbeat = new Heartbeat(options, 0, 5000);
    expect(heartbeat.nextAt).toBe(6000);
    expect(heartbeat.look(0, 0, 5999)).toBe('nothing');
    expect(heartbeat.look(0, 0, 6000)).toBe('ping');
    expect(heartbeat.look(0, 0, 6001)).toBe('nothing');
    expect(heartbeat.look(0, 0, 7000)).toBe('ping');
  });

  it('does not ping while something comes', () => {
    const heartbeat = new Heartbeat(options, 0, 0);
    for (let count = 1; count < 10; count++) {
      expect(heartbeat.look(count, 0, count * 1000)).toBe('nothing');
    }
    expect(heartbeat.nextAt).toBe(10_000);
    expect(heartbeat.look(9, 0, 10_000)).toBe('ping');
  });

  it('finds a peer silent that says nothing for the timeout after a PING, at the second look', () => {
    const heartbeat = new Heartbeat(options, 0, 0);
    expect(heartbeat.look(0, 0, 1000)).toBe('ping');
    expect(heartbeat.look(0, 0, 2000)).toBe('ping');
    expect(heartbeat.look(0, 0, 3000)).toBe('ping');
    expect(heartbeat.look(0, 0, 3999)).toBe('nothing');
    expect(heartbeat.nextAt).toBe(4000);
    expect(heartbeat.look(0, 0, 4000)).toBe('look-again');
    expect(heartbeat.look(0, 0, 4000)).toBe('silent');
  });

  it('counts the timeout from the first PING that nothing came after', () => {
    const heartbeat = new Heartbeat(options, 0, 0);
    expect(heartbeat.look(0, 0, 1000)).toBe('ping');
    expect(heartbeat.look(1, 0, 1500)).toBe('nothing');
    expect(heartbeat.look(1, 0, 2500)).toBe('ping');
    expect(heartbeat.look(1, 0, 5499)).toBe('ping');
    expect(heartbeat.look(1, 0, 5500)).toBe('look-again');
  });

  it('finds nobody silent whose bytes had come while this side was stalled', () => {
    const heartbeat = new Heartbeat(options, 0, 0);
    expect(heartbeat.look(0, 0, 1000)).toBe('ping');
    // A minute in which the event loop stood still: what came is received after the first look.
    expect(heartbeat.look(0, 0, 61_000)).toBe('look-again');
    expect(heartbeat.look(1, 0, 61_000)).toBe('nothing');
    expect(heartbeat.look(1, 0, 62_000)).toBe('ping');
    // And once more it takes two looks.
    expect(heartbeat.look(1, 0, 65_000)).toBe('look-again');
  });

  it('pings after a stall as ever, and not once for each interval of it', () => {
    const heartbeat = new Heartbeat(options, 0, 0);
    expect(heartbeat.look(0, 0, 61_000)).toBe('ping');
    expect(heartbeat.look(0, 0, 61_000)).toBe('nothing');
    expect(heartbeat.nextAt).toBe(62_000);
  });

  it('heeds the TTL of the peer', () => {
    const heartbeat = new Heartbeat({ intervalMs: 60_000, timeoutMs: 60_000 }, 0, 0);
    expect(heartbeat.look(9, 500, 1000)).toBe('nothing');
    expect(heartbeat.nextAt).toBe(1500);
    expect(heartbeat.look(9, 500, 1499)).toBe('nothing');
    expect(heartbeat.look(9, 500, 1500)).toBe('look-again');
    expect(heartbeat.look(9, 500, 1501)).toBe('silent');
  });

  it('forgets the TTL once the peer has said something else', () => {
    const heartbeat = new Heartbeat({ intervalMs: 60_000, timeoutMs: 60_000 }, 0, 0);
    heartbeat.look(9, 500, 1000);
    expect(heartbeat.look(12, 0, 1400)).toBe('nothing');
    expect(heartbeat.nextAt).toBe(61_400);
    expect(heartbeat.look(12, 0, 5000)).toBe('nothing');
  });
});
