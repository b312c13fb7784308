import type { SocketFrames } from '../../lib/sockets/socket-port.js';

/** What happened, for whoever has to understand why a seed failed. Off, it costs nothing. */
export class Trace {
  readonly #lines: string[] = [];
  readonly #now: () => number;

  constructor(
    readonly isOn: boolean,
    now: () => number,
  ) {
    this.#now = now;
  }

  get lines(): readonly string[] {
    return this.#lines;
  }

  /** To be asked only if the trace is on: the words cost more than the deed. */
  say(who: string, what: string): void {
    this.#lines.push(`${this.#now().toFixed(2).padStart(10)}  ${who.padEnd(12)} ${what}`);
  }
}

/** The frames of a message as far as they can be read, without the empty one in front. */
export function textOf(frames: SocketFrames): string {
  return frames
    .slice(1)
    .map((frame) => {
      const text = frame.toString('latin1').replace(/[^ -~]/g, '·');
      return text.length > LONGEST_FRAME ? `${text.slice(0, LONGEST_FRAME)}…` : text;
    })
    .join(' ');
}

const LONGEST_FRAME = 70;
