/**
 * One side of an `inproc://` connection, as the other side sees it. Neither method ever calls back: what it brings is heard
 * in a later turn of the event loop.
 */
export interface InprocEnd {
  /**
   * Takes a message over. Its buffers are the sender's own: whoever needs copies has made them.
   *
   * @returns false if it was not taken: too much waits to be heard, or this side has ended
   */
  take(frames: readonly Buffer[]): boolean;
  /** The other side has ended. What it has sent before is heard first. */
  end(): void;
}

/** A name that a server has bound. */
export interface InprocName {
  /** Connects a client. Returns the server's side; undefined if the server no longer listens. Never calls back. */
  connect(client: InprocEnd): InprocEnd | undefined;
}

/**
 * The names that are bound in this thread. The ESM and the CommonJS copy of this library, and any other version of it,
 * find the same map, so that they reach each other. That is why these three shapes never change: a version that needs
 * more adds what is optional.
 */
const NAMES = Symbol.for('nestjs-freelance.inproc');

type Registry = Map<string, InprocName>;

export function boundNames(): Registry {
  const shared = globalThis as { [NAMES]?: Registry };
  return (shared[NAMES] ??= new Map());
}
