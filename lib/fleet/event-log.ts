import type { FreelanceClientEvents } from '../nest/client/client-events.js';
import type { DiscoveryMessage, FailoverMessage } from '../telemetry/messages.js';
import type { FleetEvent } from './snapshot.js';

/** What a client has seen happen to a server. */
export interface Sighting {
  readonly event: keyof FreelanceClientEvents;
  readonly endpoint: string;
  readonly serverId: string | undefined;
  /** As `client.on` tells it. */
  readonly reason: string;
  /** Who has seen it; undefined if it is the fleet's own client. */
  readonly seenBy: string | undefined;
}

/** Between two snapshots. A fleet in which more happens needs no more lines to look bad. */
const MOST_EVENTS = 500;

/** Several clients see the same thing: within a heartbeat interval and its timeout, by default 1 s + 3 s. */
const SAME_EVENT_MS = 4000;

/** So many servers that a discovery adds or removes have an event each; of more at once, one tells how many there are. */
const MOST_SINGLE_CHANGES = 3;

/** Clients of one process share look-ups, and so hear of a change together; of those that do not, each asks within 30 s. */
const SAME_CHANGE_MS = 30_000;

interface Failovers {
  readonly since: number;
  readonly from: string;
  readonly client: string;
  readonly outcome: string;
  count: number;
}

/** Collects what happens between two snapshots: one event for what several clients see, and one for all calls that move together. */
export class EventLog {
  #events: FleetEvent[] = [];
  readonly #failovers = new Map<string, Failovers>();
  /** What was told last of each server. */
  readonly #last = new Map<string, { readonly kind: FleetEvent['kind']; readonly at: number }>();
  readonly #reasons = new Map<string, string>();
  /** When a discovery was last said to have added or removed a server. */
  readonly #discovered = new Map<
    string,
    { readonly kind: 'added' | 'removed'; readonly at: number }
  >();

  /** @param at in ms since 1970 */
  sighted({ event, endpoint, serverId, reason, seenBy }: Sighting, at: number): void {
    const kind = event === 'suspect' && reason === 'failing' ? 'ejected' : event;
    this.#reasons.set(endpoint, reason);
    const last = this.#last.get(endpoint);
    if (last?.kind === kind && isWithin(SAME_EVENT_MS, last.at, at)) return;
    this.#last.set(endpoint, { kind, at });
    const by = seenBy === undefined ? '' : `, as ${seenBy} sees it`;
    this.#add({
      at,
      kind,
      endpoint,
      serverId,
      text: `${WORDS[kind]}${because(kind, reason)}${by}`,
    });
  }

  /** Why the server is in the state that it was seen in last; may be empty. */
  reasonOf(endpoint: string): string {
    return this.#reasons.get(endpoint) ?? '';
  }

  /** A call that moved because of what became of it elsewhere; a hedge is none. */
  movedOn({ from, reason, outcome }: FailoverMessage, client: string, at: number): void {
    if (from === undefined || reason === 'hedge') return;
    const failover = { since: at, from, client, outcome: outcome ?? 'no answer', count: 1 };
    const key = JSON.stringify([from, client, failover.outcome]);
    const same = this.#failovers.get(key);
    if (same) same.count++;
    else if (this.#failovers.size < MOST_EVENTS) this.#failovers.set(key, failover);
  }

  /** A discovery names other servers than before. */
  discovered({ discovery, added, removed }: DiscoveryMessage, at: number): void {
    this.#changed('added', added, discovery, at);
    this.#changed('removed', removed, discovery, at);
  }

  /** @param endpoints those that are still watched: of others nothing is kept for long */
  retain(endpoints: ReadonlySet<string>, at: number): void {
    for (const endpoint of this.#reasons.keys()) {
      if (endpoints.has(endpoint)) continue;
      this.#last.delete(endpoint);
      this.#reasons.delete(endpoint);
    }
    for (const [endpoint, { at: told }] of this.#discovered)
      if (!isWithin(SAME_CHANGE_MS, told, at)) this.#discovered.delete(endpoint);
  }

  /**
   * All events since it was asked last, in their order.
   *
   * @param idOf how the server at an endpoint calls itself
   */
  take(idOf: (endpoint: string) => string | undefined): FleetEvent[] {
    const failovers = [...this.#failovers.values()].map(
      ({ since, from, client, outcome, count }): FleetEvent => ({
        at: since,
        kind: 'failover',
        endpoint: from,
        serverId: idOf(from),
        text: `lost ${count === 1 ? 'a call' : `${count} calls`} of ${client} to other servers: ${outcome}`,
      }),
    );
    const named = this.#events.map((event) => ({
      ...event,
      serverId: event.serverId ?? idOf(event.endpoint),
    }));
    const events = [...named, ...failovers].toSorted((one, other) => one.at - other.at);
    this.#events = [];
    this.#failovers.clear();
    return events;
  }

  #changed(
    kind: 'added' | 'removed',
    endpoints: readonly string[],
    discovery: string,
    at: number,
  ): void {
    const news = endpoints.filter((endpoint) => {
      const last = this.#discovered.get(endpoint);
      return last?.kind !== kind || !isWithin(SAME_CHANGE_MS, last.at, at);
    });
    for (const endpoint of news) this.#discovered.set(endpoint, { kind, at });
    const told = news.length > MOST_SINGLE_CHANGES ? news.slice(0, 1) : news;
    const others = news.length - told.length;
    const what =
      others > 0 ? `and ${others} more were ${kind} by discovery` : `was ${kind} by discovery`;
    for (const endpoint of told)
      this.#add({ at, kind, endpoint, serverId: undefined, text: `${what}: ${discovery}` });
  }

  #add(event: FleetEvent): void {
    if (this.#events.length < MOST_EVENTS) this.#events.push(event);
  }
}

/** Either way: the clock may have been set back in between. */
function isWithin(ms: number, one: number, other: number): boolean {
  return Math.abs(one - other) < ms;
}

const WORDS: Record<FleetEvent['kind'], string> = {
  up: 'is up',
  down: 'is down',
  suspect: 'is suspect',
  ejected: 'was ejected',
  draining: 'is draining',
  failover: 'lost calls',
  added: 'was added',
  removed: 'was removed',
};

function because(kind: FleetEvent['kind'], reason: string): string {
  if (kind === 'ejected') return ': its calls fail, or time out';
  if (kind === 'suspect' && reason === 'silent') return ': it does not answer heartbeats';
  if (kind === 'suspect' && reason === 'unready') return ': it says that it is not ready';
  return reason === '' ? '' : `: ${reason}`;
}
