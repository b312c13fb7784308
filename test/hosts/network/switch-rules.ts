import type { Namespace } from './namespace.js';

/** A fault of the network that lasts until it is disposed of. */
export type Fault = AsyncDisposable;

/** Ports by their names; a host that is delayed has another one. */
type Ports = readonly string[];

/** Frames from one of these ports to one of those. */
export interface Way {
  readonly from: Ports;
  readonly to: Ports;
}

/**
 * The rules by which the switch drops frames, as nftables of the family `bridge`. A frame that is dropped there is lost as on a
 * wire: its sender hears nothing, neither from its own kernel nor by ICMP.
 */
export class SwitchRules {
  readonly #faults = new Set<readonly string[]>();

  constructor(private readonly namespace: Pick<Namespace, 'run'>) {}

  /** Drops everything. */
  drop(...ways: Way[]): Promise<Fault> {
    return this.#add(ways.map((way) => `${where(way)} drop`));
  }

  /** Drops datagrams: a name server falls silent, and the host's other traffic goes on. */
  dropDatagrams(...ways: Way[]): Promise<Fault> {
    return this.#add(ways.map((way) => `${where(way)} meta l4proto udp drop`));
  }

  /** Drops that share of the frames, from 0 to 1, by chance. */
  lose(share: number, ...ways: Way[]): Promise<Fault> {
    const chance = `numgen random mod 1000 < ${Math.round(share * 1000)}`;
    return this.#add(ways.map((way) => `${where(way)} ${chance} drop`));
  }

  /** Drops IP packets of more bytes than that, without a word to their sender: a black hole of the path's MTU. */
  dropLarge(bytes: number, ...ways: Way[]): Promise<Fault> {
    return this.#add(ways.map((way) => `${where(way)} meta length > ${bytes} drop`));
  }

  async #add(rules: readonly string[]): Promise<Fault> {
    this.#faults.add(rules);
    await this.#apply();
    return {
      [Symbol.asyncDispose]: async () => {
        this.#faults.delete(rules);
        await this.#apply();
      },
    };
  }

  /** Replaces all rules at once. */
  async #apply(): Promise<void> {
    const input = rulesText([...this.#faults].flat());
    await this.namespace.run('nft', ['-f', '-'], { input });
  }
}

/** The input of nft: an empty table is made first, so that there is one to remove. Source: nft(8). */
export function rulesText(rules: readonly string[]): string {
  return [
    'table bridge faults',
    'delete table bridge faults',
    'table bridge faults {',
    'chain forward {',
    'type filter hook forward priority 0; policy accept;',
    ...rules,
    '}',
    '}',
    '',
  ].join('\n');
}

function where({ from, to }: Way): string {
  return `iifname { ${quoted(from)} } oifname { ${quoted(to)} }`;
}

function quoted(ports: Ports): string {
  return ports.map((port) => `"${port}"`).join(', ');
}
