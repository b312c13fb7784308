import { sharedValue } from '../shared-value.js';

/** What an open client tells of now: a part of its `stats()` that costs little. */
export interface ClientFigures {
  /** Open calls and events. */
  readonly pending: number;
  /** The state of each server that it watches. */
  readonly states: readonly string[];
  /** The zone of the client. As all below: missing of older versions in the same process. */
  readonly zone?: string | undefined;
  /** As in `stats()`. */
  readonly priorities?: readonly {
    readonly priority: number;
    readonly share: number;
    readonly localShare: number;
  }[];
  /** How many servers its discovery names. */
  readonly discovery?: { readonly servers: number } | undefined;
}

/** The same of a listening server. */
export interface ServerFigures {
  /** Calls and events whose handlers run. */
  readonly running: number;
  /** Calls and events that wait for a place among those. */
  readonly queued: number;
}

export interface ClientSource {
  readonly kind: 'client';
  /** As in the messages of the client's calls. */
  readonly client: { readonly id: string; readonly name: string };
  readonly figures: () => ClientFigures;
}

export interface ServerSource {
  readonly kind: 'server';
  /** As in the messages of the server's calls. */
  readonly server: { readonly id: string };
  readonly figures: () => ServerFigures;
}

/** A client or a server of this process, for gauges: what is read now and then, and is no event. */
export type Source = ClientSource | ServerSource;

const all = sharedValue('sources', () => new Set<WeakRef<Source>>());

/**
 * Adds a client or a server while it is open. It is not kept alive.
 *
 * @returns removes it
 */
export function addSource(source: Source): () => void {
  const reference = new WeakRef(source);
  all.add(reference);
  return () => void all.delete(reference);
}

/** The clients and servers of this process that are open now. */
export function sources(): readonly Source[] {
  const alive: Source[] = [];
  for (const reference of all) {
    const source = reference.deref();
    if (source) alive.push(source);
    else all.delete(reference);
  }
  return alive;
}
