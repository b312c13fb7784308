import { describe, expect, it } from 'vitest';
import { Heartbeat } from '../../lib/zmtp/heartbeat.js';

const options = { intervalMs: 1000, timeoutMs: 3000 };

describe('a heartbeat', () => {
  it('sends a PING each interval while nothing arrives', () => {
    const heartbeat = new Heartbeat(options, 0, 5000);
    expect(heartbeat.nextAt).toBe(6000);
    expect(heartbeat.look(0, 0, 5999)).toBe('nothing');
    expect(heartbeat.look(0, 0, 6000)).toBe('ping');
    expect(heartbeat.look(0, 0, 6001)).toBe('nothing');
    expect(heartbeat.look(0, 0, 7000)).toBe('ping');
  });

  it('sends no PING while bytes arrive', () => {
    const heartbeat = new Heartbeat(options, 0, 0);
    for (let count = 1; count < 10; count++) {
      expect(heartbeat.look(count, 0, count * 1000)).toBe('nothing');
    }
    expect(heartbeat.nextAt).toBe(10_000);
    expect(heartbeat.look(9, 0, 10_000)).toBe('ping');
  });

  it('declares a peer silent at the second look after the timeout since a PING', () => {
    const heartbeat = new Heartbeat(options, 0, 0);
    expect(heartbeat.look(0, 0, 1000)).toBe('ping');
    expect(heartbeat.look(0, 0, 2000)).toBe('ping');
    expect(heartbeat.look(0, 0, 3000)).toBe('ping');
    expect(heartbeat.look(0, 0, 3999)).toBe('nothing');
    expect(heartbeat.nextAt).toBe(4000);
    expect(heartbeat.look(0, 0, 4000)).toBe('look-again');
    expect(heartbeat.look(0, 0, 4000)).toBe('silent');
  });

  it('counts the timeout from the first unanswered PING', () => {
    const heartbeat = new Heartbeat(options, 0, 0);
    expect(heartbeat.look(0, 0, 1000)).toBe('ping');
    expect(heartbeat.look(1, 0, 1500)).toBe('nothing');
    expect(heartbeat.look(1, 0, 2500)).toBe('ping');
    expect(heartbeat.look(1, 0, 5499)).toBe('ping');
    expect(heartbeat.look(1, 0, 5500)).toBe('look-again');
  });

  it('does not declare a peer silent whose bytes had arrived while this process was stalled', () => {
    const heartbeat = new Heartbeat(options, 0, 0);
    expect(heartbeat.look(0, 0, 1000)).toBe('ping');
    // The event loop is blocked for a minute: bytes that arrived are read after the first look.
    expect(heartbeat.look(0, 0, 61_000)).toBe('look-again');
    expect(heartbeat.look(1, 0, 61_000)).toBe('nothing');
    expect(heartbeat.look(1, 0, 62_000)).toBe('ping');
    // Silence takes two looks again.
    expect(heartbeat.look(1, 0, 65_000)).toBe('look-again');
  });

  it('sends one PING after a stall, not one for each missed interval', () => {
    const heartbeat = new Heartbeat(options, 0, 0);
    expect(heartbeat.look(0, 0, 61_000)).toBe('ping');
    expect(heartbeat.look(0, 0, 61_000)).toBe('nothing');
    expect(heartbeat.nextAt).toBe(62_000);
  });

  it("respects the peer's TTL", () => {
    const heartbeat = new Heartbeat({ intervalMs: 60_000, timeoutMs: 60_000 }, 0, 0);
    expect(heartbeat.look(9, 500, 1000)).toBe('nothing');
    expect(heartbeat.nextAt).toBe(1500);
    expect(heartbeat.look(9, 500, 1499)).toBe('nothing');
    expect(heartbeat.look(9, 500, 1500)).toBe('look-again');
    expect(heartbeat.look(9, 500, 1501)).toBe('silent');
  });

  it('forgets the TTL once something else has arrived', () => {
    const heartbeat = new Heartbeat({ intervalMs: 60_000, timeoutMs: 60_000 }, 0, 0);
    heartbeat.look(9, 500, 1000);
    expect(heartbeat.look(12, 0, 1400)).toBe('nothing');
    expect(heartbeat.nextAt).toBe(61_400);
    expect(heartbeat.look(12, 0, 5000)).toBe('nothing');
  });
});
