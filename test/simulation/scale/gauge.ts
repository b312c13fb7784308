import type { SocketPort } from '../../../lib/sockets/socket-port.js';
import type { SocketFrames } from '../../../lib/sockets/socket-port.js';
import type { SimulatedSockets } from '../network/network.js';
import type { Timeline } from '../time/timeline.js';

/** So many connections within so many ms are one burst. */
const BURST_MS = 10;

/** Counts what goes through the sockets of a world, in slices of time. */
export class Gauge {
  readonly #timeline: () => Timeline;
  readonly #sliceMs: number;
  readonly #bursts = new Map<string, { from: number; count: number }>();
  /** By slice. */
  readonly connects: number[] = [];
  readonly messages: number[] = [];
  readonly bytes: number[] = [];
  /** The most connections that one server was asked for within 10 ms, by slice. */
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
          unwrap: () => dealer.unwrap(),
        };
      },
      bind: async (addresses, listener) => {
        const router = await sockets.bind(addresses, listener);
        return {
          endpoints: router.endpoints,
          identify: (peer) => router.identify(peer),
          left: (peer) => router.left(peer),
          isHeard: (peer) => router.isHeard(peer),
          send: (peer, frames, onUndelivered) => {
            this.#sent(frames);
            router.send(peer, frames, onUndelivered);
          },
          close: (onFreed) => router.close(onFreed),
          unwrap: () => router.unwrap(),
        };
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
    for (const frame of frames) bytes += FRAME_HEAD + frame.length;
    this.messages[slice] = (this.messages[slice] ?? 0) + 1;
    this.bytes[slice] = (this.bytes[slice] ?? 0) + bytes;
  }

  #slice(): number {
    return Math.floor(this.#timeline().now / this.#sliceMs);
  }
}

/** ZMTP writes a byte of flags and one of length in front of a frame of up to 255. Source: RFC 23/ZMTP. */
const FRAME_HEAD = 2;
