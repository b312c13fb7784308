import { fileURLToPath } from 'node:url';
import { Child } from '../../support/child.js';
import type { NetworkHost } from './network.js';

const PROGRAM = fileURLToPath(new URL('probe.js', import.meta.url));

export interface ProbeArguments {
  readonly address: string;
  readonly port: number;
  readonly count: number;
  readonly bytes: number;
  /** How long it waits for the last ones, in ms. */
  readonly waitMs: number;
}

export interface Probed {
  readonly sent: number;
  /** Of the datagrams that came back. */
  readonly roundTripsMs: readonly number[];
}

/** A program on a host that sends every datagram back. */
export class Echo implements AsyncDisposable {
  private constructor(
    private readonly host: NetworkHost,
    private readonly process: Child,
    private readonly port: number,
  ) {}

  static async on(host: NetworkHost): Promise<Echo> {
    const line = host.namespace.inside(process.execPath, PROGRAM);
    const child = new Child(line.command, line.args);
    return new Echo(host, child, (await child.nextLine()) as number);
  }

  /** Sends datagrams from another host, and tells which came back. */
  async probe(
    from: NetworkHost,
    { family = 'v4', count = 20, bytes = 100, waitMs = 100 }: ProbeOptions = {},
  ): Promise<Probed> {
    const asked = { address: this.host[family], port: this.port, count, bytes, waitMs };
    const line = from.namespace.inside(process.execPath, PROGRAM, JSON.stringify(asked));
    await using child = new Child(line.command, line.args);
    return (await child.nextLine()) as Probed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.process.kill();
  }
}

export interface ProbeOptions extends Partial<Omit<ProbeArguments, 'address' | 'port'>> {
  readonly family?: 'v4' | 'v6';
}
