/** What a client knows of its discovery. Times in ms. */
export interface DiscoveryStats {
  /** The discovery's own name for itself. */
  name: string;
  /** How many servers it names: those of the last good set. */
  servers: number;
  /** How long ago it named them, in ms; undefined before the first set. */
  lastSetMs: number | undefined;
  /** How long ago that changed anything; undefined before the first set. */
  lastChangeMs: number | undefined;
  /** How long ago it failed, or named what could not be used; undefined if it never has. */
  lastErrorMs: number | undefined;
  /** What went wrong then. */
  lastError: string | undefined;
  /** Whether it has failed since it last named servers, or has ended. */
  isFailing: boolean;
}
