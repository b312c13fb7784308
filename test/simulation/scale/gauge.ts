import type { Peer, SocketPort } from '../../../lib/sockets/socket-port.js';
import type { SocketFrames } from '../../../lib/sockets/socket-port.js';
import type { SimulatedSockets } from '../network/network.js';
import type { Timeline } from '../time/timeline.js';

/** How many connections within how many ms count as one burst. */
const BURST_MS = 10;

/** Counts what passes the sockets of a world, in slices of time. */
export class Gauge {
  readonly #timeline: () => Timeline;
  readonly #sliceMs: number;
  readonly #bursts = new Map<string, { from: number; count: number }>();
  /** Per slice. */
  readonly connects: number[] = [];
  readonly messages: number[] = [];
  readonly bytes: number[] = [];
  /** PINGs and PONGs. */
  readonly heartbeats: number[] = [];
  /** The most connections to one server within 10 ms, per slice. */
  readonly largestBurst: number[] = [];

  constructor(sliceMs: number, timeline: () => Timeline) {
    this.#sliceMs = sliceMs;
    this.#timeline = timeline;
  }

  sockets(sockets: SimulatedSockets): SocketPort {
    return {
      connect: (endpoint, listener) => {
        this.#connecting(endpoint);
        const dealer = sockets.connect(endpoint, listener);
        return {
          send: (frames, onUndelivered) => {
            this.#sent(frames);
            dealer.send(frames, onUndelivered);
          },
          close: () => dealer.close(),
          traffic: () => dealer.traffic(),
          unwrap: () => dealer.unwrap(),
        };
      },
      bind: (addresses, listener) =>
        sockets.bind(addresses, {
          ...listener,
          onMessage: (peer, frames) => listener.onMessage(this.#measured(peer), frames),
        }),
    };
  }

  #measured(peer: Peer): Peer {
    const { key, identity, isHeard } = peer;
    return {
      key,
      identity,
      isHeard,
      left: () => peer.left(),
      send: (frames, onUndelivered) => {
        this.#sent(frames);
        peer.send(frames, onUndelivered);
      },
    };
  }

  #connecting(endpoint: string): void {
    const { now } = this.#timeline();
    let burst = this.#bursts.get(endpoint);
    if (!burst || now >= burst.from + BURST_MS) {
      this.#bursts.set(endpoint, (burst = { from: now, count: 0 }));
    }
    burst.count++;
    const slice = this.#slice();
    this.connects[slice] = (this.connects[slice] ?? 0) + 1;
    this.largestBurst[slice] = Math.max(this.largestBurst[slice] ?? 0, burst.count);
  }

  #sent(frames: SocketFrames | readonly (Buffer | string)[]): void {
    const slice = this.#slice();
    let bytes = 0;
    let isHeartbeat = false;
    for (const frame of frames) {
      bytes += FRAME_HEAD + frame.length;
      isHeartbeat ||= frame.length === 4 && HEARTBEATS.has(String(frame));
    }
    this.messages[slice] = (this.messages[slice] ?? 0) + 1;
    this.bytes[slice] = (this.bytes[slice] ?? 0) + bytes;
    if (isHeartbeat) this.heartbeats[slice] = (this.heartbeats[slice] ?? 0) + 1;
  }

  #slice(): number {
    return Math.floor(this.#timeline().now / this.#sliceMs);
  }
}

const HEARTBEATS: ReadonlySet<string> = new Set(['PING', 'PONG']);

/** ZMTP writes a byte of flags and one of length in front of a frame of up to 255. Source: RFC 23/ZMTP. */
const FRAME_HEAD = 2;
