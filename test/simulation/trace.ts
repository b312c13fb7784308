import type { SocketFrames } from '../../lib/sockets/socket-port.js';

/** Records what happened, to explain why a seed failed. Costs nothing when off. */
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

  /** Check this before building a message: building it costs more than the event itself. */
  say(who: string, what: string): void {
    this.#lines.push(`${this.#now().toFixed(2).padStart(10)}  ${who.padEnd(12)} ${what}`);
  }
}

/** The frames of a message as text where possible, without the empty first frame. */
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
