import { describe, expect, test } from 'vitest';
import { noClientStats } from '../../lib/agents/client/client-stats.js';
import { FleetWatch } from '../../lib/fleet/fleet-watch.js';
import type { FleetSnapshot } from '../../lib/fleet/snapshot.js';
import type { NamedClient } from '../../lib/fleet/watched-client.js';
import type { FreelanceClientEvents } from '../../lib/nest/client/client-events.js';
import { ManualClock } from '../support/manual-clock.js';

/** A watch of one client, in virtual time. */
class Watched {
  readonly clock = new ManualClock();
  readonly snapshots: FleetSnapshot[] = [];
  readonly #listeners = new Map<string, (endpoint: string, reason: string) => void>();
  readonly #client: NamedClient['client'] = {
    id: 'client-1',
    stats: noClientStats,
    on: (event, listener) => {
      this.#listeners.set(event, listener);
      return () => void this.#listeners.delete(event);
    },
  };
  readonly watch: FleetWatch;

  constructor(intervalMs?: number) {
    this.watch = new FleetWatch(
      { clients: [{ name: 'inventory', client: this.#client }], intervalMs },
      {
        now: () => this.clock.now(),
        after: (ms, run) => this.clock.after(ms, run),
        date: () => 1_000_000 + this.clock.now(),
      },
    );
    this.watch.start((snapshot) => void this.snapshots.push(snapshot));
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  happens(event: keyof FreelanceClientEvents): void {
    this.#listeners.get(event)?.('tcp://one:1', 'because');
  }
}

describe('a watch', () => {
  test('tells once per interval, when servers have had time to answer', () => {
    const { clock, snapshots } = new Watched();
    clock.advance(199);
    expect(snapshots).toHaveLength(0);
    clock.advance(1);
    expect(snapshots).toMatchObject([{ at: 1_001_200, clients: [{ name: 'inventory' }] }]);
    clock.advance(10_000);
    expect(snapshots).toHaveLength(11);
  });

  test('tells soon what has happened, and at most four times a second', () => {
    const watched = new Watched();
    const { clock, snapshots } = watched;
    clock.advance(700);
    watched.happens('down');
    clock.advance(50);
    expect(snapshots).toHaveLength(2);
    expect(snapshots.at(-1)?.events).toMatchObject([
      { kind: 'down', text: 'is down: because, as inventory sees it' },
    ]);
    for (let ms = 0; ms < 10_000; ms++) {
      watched.happens(ms % 2 === 0 ? 'up' : 'down');
      clock.advance(1);
    }
    expect(snapshots.length).toBeLessThanOrEqual(2 + 50);
    expect(snapshots.length).toBeGreaterThan(2 + 10);
  });

  test('tells after half a second, however long the interval is', () => {
    const { clock, snapshots } = new Watched(20_000);
    clock.advance(500);
    expect(snapshots).toHaveLength(1);
    clock.advance(20_000);
    expect(snapshots).toHaveLength(2);
  });

  test('leaves no timer and no listener when it is stopped', () => {
    const watched = new Watched();
    watched.clock.advance(700);
    expect(watched.listeners).toBe(4);
    watched.happens('down');
    watched.watch.stop();
    expect(watched.clock.timers).toBe(0);
    expect(watched.listeners).toBe(0);
    const { length } = watched.snapshots;
    watched.clock.advance(5000);
    expect(watched.snapshots).toHaveLength(length);
  });
});
