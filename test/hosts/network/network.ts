import { type Cable, delayByNetem, delayByProgram, type Latency } from './delay.js';
import { nameInRun, removeEmptyFolder, removeRemains } from './names.js';
import { Namespace } from './namespace.js';
import { type Fault, SwitchRules, type Way } from './switch-rules.js';

const BRIDGE = 'bridge';

/** A machine of the network: a namespace with one interface, `eth0`, and an address of each family. */
export interface NetworkHost {
  readonly name: string;
  readonly namespace: Namespace;
  readonly v4: string;
  readonly v6: string;
}

/** What a network is made of, and with. */
export interface NetworkOptions {
  readonly hosts: readonly string[];
  /** Whether this kernel has `tc netem`. */
  readonly hasNetem: boolean;
}

/**
 * Hosts on one switch. All of it is in namespaces of its own: no interface, address or rule of the machine is touched, and no
 * frame reaches it.
 *
 *     host a  eth0 ── a ┐
 *     host b  eth0 ── b ┤ bridge, with rules     (a, b and the bridge are in the namespace `switch`)
 *     host c  eth0 ── c ┘
 */
export class Network implements AsyncDisposable {
  readonly rules: SwitchRules;
  readonly #hosts = new Map<string, NetworkHost>();

  private constructor(
    private readonly center: Namespace,
    private readonly hasNetem: boolean,
  ) {
    this.rules = new SwitchRules(center);
  }

  /** Removes what dead runs left first. */
  static async make({ hosts, hasNetem }: NetworkOptions): Promise<Network> {
    await removeRemains();
    const network = new Network(await Namespace.make(nameInRun('switch')), hasNetem);
    try {
      await network.center.ip('link', 'add', 'name', BRIDGE, 'type', 'bridge');
      await network.center.ip('link', 'set', 'dev', BRIDGE, 'up');
      for (const name of hosts) await network.#plugIn(name, nameInRun(name));
      return network;
    } catch (error) {
      await network[Symbol.asyncDispose]();
      throw error;
    }
  }

  host(name: string): NetworkHost {
    const host = this.#hosts.get(name);
    if (!host) throw new Error(`there is no host ${name}`);
    return host;
  }

  /** Nothing passes between these and all others. */
  async isolate(...names: string[]): Promise<Fault> {
    return this.rules.drop(...this.#both(names, this.#others(names)));
  }

  /** Nothing passes between these and those. */
  cut(these: readonly string[], those: readonly string[]): Promise<Fault> {
    return this.rules.drop(...this.#both(these, those));
  }

  /** What that one sends to others is lost; it still hears them. */
  silence(name: string): Promise<Fault> {
    return this.rules.drop(this.#way([name], this.#others([name])));
  }

  /** What others send to that one is lost; they still hear it. */
  deafen(name: string): Promise<Fault> {
    return this.rules.drop(this.#way(this.#others([name]), [name]));
  }

  /** Datagrams between it and others are lost: a question about a name gets no answer, and nobody says why. */
  muffle(name: string): Promise<Fault> {
    return this.rules.dropDatagrams(...this.#both([name], this.#others([name])));
  }

  /** That share of the frames between it and others, from 0 to 1, is lost by chance. */
  lose(name: string, share: number): Promise<Fault> {
    return this.rules.lose(share, ...this.#both([name], this.#others([name])));
  }

  /** Packets of more bytes than that are lost between it and others, and nobody is told. */
  blackHole(name: string, bytes: number): Promise<Fault> {
    return this.rules.dropLarge(bytes, ...this.#both([name], this.#others([name])));
  }

  /** Delays what passes between that one and others. */
  async delay(name: string, latency: Latency): Promise<Fault> {
    const { namespace } = this.host(name);
    if (this.hasNetem) return delayByNetem(this.center, namespace, cableOf(name), latency);
    return delayByProgram(this.center, cableOf(name), latency);
  }

  /** Its cable is out: its own kernel knows that, others do not. */
  async unplug(name: string): Promise<Fault> {
    await this.center.ip('link', 'set', 'dev', name, 'down');
    return { [Symbol.asyncDispose]: () => this.center.ip('link', 'set', 'dev', name, 'up') };
  }

  /** Ends all processes inside, and removes all namespaces. */
  async [Symbol.asyncDispose](): Promise<void> {
    const namespaces = [...this.#hosts.values()].map(({ namespace }) => namespace);
    const all = [...namespaces, this.center];
    await Promise.all(all.map((namespace) => namespace[Symbol.asyncDispose]()));
    await removeEmptyFolder();
  }

  async #plugIn(name: string, namespaceName: string): Promise<void> {
    const number = this.#hosts.size + 1;
    const namespace = await Namespace.make(namespaceName);
    // Only inside these namespaces; it does not matter what the machine's own networks are.
    const host = { name, namespace, v4: `10.77.0.${number}`, v6: `fd77::${number}` };
    this.#hosts.set(name, host);
    const { center } = this;
    const peer = ['peer', 'name', 'eth0', 'netns', namespaceName];
    await center.ip('link', 'add', 'name', name, 'type', 'veth', ...peer);
    await center.ip('link', 'set', 'dev', name, 'master', BRIDGE, 'up');
    await namespace.ip('addr', 'add', `${host.v4}/24`, 'dev', 'eth0');
    // `nodad`: usable at once. There are no duplicates to detect.
    await namespace.ip('addr', 'add', `${host.v6}/64`, 'dev', 'eth0', 'nodad');
    await namespace.ip('link', 'set', 'dev', 'eth0', 'up');
  }

  #others(names: readonly string[]): string[] {
    return [...this.#hosts.keys()].filter((name) => !names.includes(name));
  }

  #both(these: readonly string[], those: readonly string[]): Way[] {
    return [this.#way(these, those), this.#way(those, these)];
  }

  #way(from: readonly string[], to: readonly string[]): Way {
    return { from: from.flatMap(portsOf), to: to.flatMap(portsOf) };
  }
}

function cableOf(name: string): Cable {
  return { port: name, delayedPort: `${name}-d`, bridge: BRIDGE };
}

function portsOf(name: string): string[] {
  const { port, delayedPort } = cableOf(name);
  return [port, delayedPort];
}
