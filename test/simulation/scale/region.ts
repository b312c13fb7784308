import type { ServerTarget } from '../../../lib/core/server-target.js';
import type { ClientHost } from '../world/client-host.js';
import { endpointOf } from '../network/addresses.js';
import type { Latency } from '../network/routes.js';
import { names } from '../scenarios/draw-plan.js';
import { Chance } from '../time/chance.js';
import type { World } from '../world/world.js';

/** How many zones servers and clients are in, in turn. */
export const ZONES = 4;

/** A fleet in several zones, which a discovery that lags tells of its servers. Times in ms. */
export interface Region {
  /** The zones of the first clients; then it begins anew. */
  readonly clientZones: readonly number[];
  /** Whether clients name their zone. */
  readonly isZoneAware: boolean;
  /** Whether the endpoints of a client are those of its own zone only. */
  readonly isApart?: boolean;
  /** How often each client asks, each at moments of its own: it lags by up to that much. */
  readonly discoveryMs: number;
  /** When every server is replaced by one at another address, one after the other. */
  readonly deployment?: Span;
  /** While all servers of the first zone are dead. */
  readonly loss?: Span;
  /** Of these spans, the figures tell more. */
  readonly windows: Readonly<Record<string, Span>>;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A new server is started this long before the one that it replaces is told to stop, in ms. */
const SURGE_MS = 5000;

/** How long a server may drain, in ms: the default of `drainTimeout`. */
const DRAIN_MS = 10_000;

/** What a message takes within a zone, and to another one, in ms: the order of magnitude that clouds tell of their zones. */
const NEAR: Latency = { ms: 0.3, jitterMs: 0.3 };
const FAR: Latency = { ms: 1.3, jitterMs: 0.3 };

const zoneName = (zone: number) => `zone-${zone}`;

/** What happens to the servers of a region, and what its clients learn of it, and when. */
export class RegionStory {
  readonly windows: Region['windows'];
  /** Those of the start, and those that replace them. */
  readonly servers: readonly string[];
  /** Those that are not there at the start. */
  readonly later: ReadonlySet<string>;
  readonly #region: Region;
  readonly #count: number;
  /** When each server is in service. */
  readonly #services = new Map<string, Span[]>();
  /** What the discovery knows. */
  readonly #named: Set<string>;
  #version = 0;

  constructor(region: Region, count: number) {
    this.#region = region;
    this.windows = region.windows;
    this.#count = count;
    this.servers = names('server', region.deployment ? 2 * count : count);
    this.later = new Set(this.servers.slice(count));
    this.#named = new Set(this.servers.slice(0, count));
    for (const [place, server] of this.servers.entries()) {
      this.#services.set(server, this.#serviceOf(place));
    }
  }

  zoneOfServer(server: string): number {
    return (numberOf(server) - 1) % ZONES;
  }

  zoneOfClient(client: string): number {
    const { clientZones } = this.#region;
    return clientZones[(numberOf(client) - 1) % clientZones.length] ?? 0;
  }

  /** The zone that a client names. */
  zoneNameOf(client: string): string | undefined {
    return this.#region.isZoneAware ? zoneName(this.zoneOfClient(client)) : undefined;
  }

  latency(from: string, to: string): Latency {
    const zone = (host: string) =>
      host.startsWith('server') ? this.zoneOfServer(host) : this.zoneOfClient(host);
    return zone(from) === zone(to) ? NEAR : FAR;
  }

  /** How long a server was in service during a span, in ms. */
  servedMs(server: string, { from, to }: Span): number {
    const spans = this.#services.get(server) ?? [];
    return spans.reduce(
      (sum, span) => sum + Math.max(0, Math.min(to, span.to) - Math.max(from, span.from)),
      0,
    );
  }

  /** What the discovery answers that client. */
  targetsFor(client: string): ServerTarget[] {
    const own = this.zoneOfClient(client);
    return [...this.#named]
      .filter((server) => !this.#region.isApart || this.zoneOfServer(server) === own)
      .map((server) => ({
        endpoint: endpointOf(server),
        zone: zoneName(this.zoneOfServer(server)),
      }));
  }

  /** Lets it happen in that world. */
  tell(world: World, lastsMs: number, chance: Chance): void {
    const { deployment, loss, discoveryMs } = this.#region;
    const { timeline } = world;
    if (deployment) this.#deploy(deployment, world);
    if (loss) {
      const lost = () => [...this.#named].filter((server) => this.zoneOfServer(server) === 0);
      timeline.at(loss.from, () => lost().forEach((server) => world.server(server).kill()));
      timeline.at(loss.to, () => lost().forEach((server) => world.server(server).boot()));
    }
    for (const client of world.clients) {
      this.#lookUp(client, chance.between(0, discoveryMs), world, lastsMs);
    }
  }

  #deploy(deployment: Span, world: World): void {
    for (const [place, old] of this.servers.slice(0, this.#count).entries()) {
      const replacement = this.servers[place + this.#count];
      if (replacement === undefined) continue;
      const at = startOf(place, this.#count, deployment);
      world.timeline.at(at, () => {
        world.server(replacement).boot();
        this.#names((named) => named.add(replacement));
      });
      world.timeline.at(at + SURGE_MS, () => {
        world.server(old).drain(DRAIN_MS);
        this.#names((named) => named.delete(old));
      });
    }
  }

  #lookUp(client: ClientHost, at: number, world: World, lastsMs: number, seen = 0): void {
    if (at >= lastsMs) return;
    world.timeline.at(at, () => {
      if (this.#version !== seen) client.follow(this.targetsFor(client.name));
      this.#lookUp(client, at + this.#region.discoveryMs, world, lastsMs, this.#version);
    });
  }

  #names(change: (named: Set<string>) => void): void {
    change(this.#named);
    this.#version++;
  }

  #serviceOf(place: number): Span[] {
    const { deployment, loss } = this.#region;
    const isNew = place >= this.#count;
    const at = deployment ? startOf(place % this.#count, this.#count, deployment) : Infinity;
    const whole = isNew ? { from: at, to: Infinity } : { from: 0, to: at + SURGE_MS };
    if (!loss || place % ZONES !== 0) return [whole];
    return [
      { from: whole.from, to: Math.min(whole.to, loss.from) },
      { from: Math.max(whole.from, loss.to), to: whole.to },
    ];
  }
}

/** When the replacement of a server is started. */
function startOf(place: number, count: number, { from, to }: Span): number {
  return from + ((to - from) * place) / count;
}

/** Of `server-7`, 7. */
function numberOf(host: string): number {
  return Number(host.slice(host.indexOf('-') + 1));
}
