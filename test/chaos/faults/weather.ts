/** How bytes travel in one direction of a link. */
export type Way =
  /** Not at all for now. Nothing is lost: TCP retransmits what was not acknowledged, and it arrives late. */
  | { readonly kind: 'held' }
  /** After this many ms, and never before what was sent earlier. */
  | { readonly kind: 'late'; readonly ms: () => number };

export interface Weather {
  readonly toServer: Way;
  readonly toClient: Way;
}

const CLEAR: Way = { kind: 'late', ms: () => 0 };
const HELD: Way = { kind: 'held' };

export const clear: Weather = { toServer: CLEAR, toClient: CLEAR };

/** Packets are dropped, and no FIN gets through. */
export const dark: Weather = { toServer: HELD, toClient: HELD };

/** Only what the client sends arrives. */
export const deaf: Weather = { toServer: CLEAR, toClient: HELD };

/** Only what the server sends arrives. */
export const mute: Weather = { toServer: HELD, toClient: CLEAR };

/** @param ms in each direction */
export function slow(ms: number): Weather {
  const way: Way = { kind: 'late', ms: () => ms };
  return { toServer: way, toClient: way };
}

/** The shortest retransmission time-out of Linux, in ms: `TCP_RTO_MIN`, 200 ms. */
const RETRANSMISSION_MS = 200;

/**
 * Segments are lost, which a reader of TCP sees as a pause: everything behind a lost segment waits until it was retransmitted,
 * after a time-out that doubles with each further loss (RFC 6298, section 5.5).
 *
 * @param share of the segments that are lost, from 0 to 1
 */
export function lossy(share: number, random: () => number): Weather {
  const way: Way = {
    kind: 'late',
    ms() {
      let ms = 0;
      for (let pause = RETRANSMISSION_MS; random() < share; pause *= 2) ms += pause;
      return ms;
    },
  };
  return { toServer: way, toClient: way };
}
