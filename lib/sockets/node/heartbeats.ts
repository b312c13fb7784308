import { clearInterval, monotonicNow, setImmediate, setInterval } from '../../node-timers.js';
import { Heartbeat, type HeartbeatTimes } from '../../zmtp/heartbeat.js';
import type { Channel } from './channel.js';

/** What heartbeats need of the system; tests have their own. */
export interface HeartbeatSystem {
  now(): number;
  /** @returns ends it */
  every(ms: number, run: () => void): () => void;
  /** Runs it once what has arrived was received. */
  afterTurn(run: () => void): void;
}

/** How often each connection is checked per interval. */
const LOOKS_PER_INTERVAL = 4;

/** ZMTP's heartbeats of all connections of a client or a server: one timer for all, and none while there are no connections. */
export class Heartbeats {
  readonly #times: HeartbeatTimes;
  readonly #system: HeartbeatSystem;
  /** The connections. A peer of ZMTP 3.0 knows no PING, and gets none. */
  readonly #watched = new Map<Channel, Heartbeat | undefined>();
  #stop: (() => void) | undefined;

  constructor(times: HeartbeatTimes, system: HeartbeatSystem = NODE) {
    this.#times = times;
    this.#system = system;
  }

  /** The handshake of the connection is done. */
  add(channel: Channel): void {
    const { knowsPing, received } = channel.session;
    const heartbeat = knowsPing
      ? new Heartbeat(this.#times, received, this.#system.now())
      : undefined;
    this.#watched.set(channel, heartbeat);
    this.#stop ??= this.#system.every(this.#times.intervalMs / LOOKS_PER_INTERVAL, () => {
      this.#endThoseThatDoNotRead();
      this.#look();
    });
  }

  /** The connection has ended. */
  delete(channel: Channel): void {
    this.#watched.delete(channel);
    if (this.#watched.size > 0) return;
    this.#stop?.();
    this.#stop = undefined;
  }

  /** A peer that sends but never reads is not silent, and could have its output kept in memory forever. */
  #endThoseThatDoNotRead(): void {
    const { intervalMs, timeoutMs } = this.#times;
    const most = ((intervalMs + timeoutMs) / intervalMs) * LOOKS_PER_INTERVAL;
    for (const channel of this.#watched.keys()) {
      if (channel.outlet.look() > most) channel.silent();
    }
  }

  #look(): void {
    const now = this.#system.now();
    let mustLookAgain = false;
    for (const [channel, heartbeat] of this.#watched) {
      if (!heartbeat || now < heartbeat.nextAt) continue;
      if (this.#lookAt(channel, heartbeat, now)) mustLookAgain = true;
    }
    // At the first check this side itself may have stood still, and not have read what has arrived.
    if (mustLookAgain) this.#system.afterTurn(() => this.#look());
  }

  #lookAt(channel: Channel, heartbeat: Heartbeat, now: number): boolean {
    // Its messages wait to be read: it is not silent.
    if (channel.isWaiting) return false;
    const { received, peerTtlMs } = channel.session;
    const verdict = heartbeat.look(received, peerTtlMs, now);
    if (verdict === 'ping') channel.session.ping(0);
    else if (verdict === 'silent') channel.silent();
    return verdict === 'look-again';
  }
}

const NODE: HeartbeatSystem = {
  now: monotonicNow,
  every(ms, run) {
    const timer = setInterval(run, ms);
    timer.unref();
    return () => clearInterval(timer);
  },
  afterTurn: setImmediate,
};
