import type { FreelanceServerOptions } from 'nestjs-freelance';
import { Child } from './child.js';

/** A server of `test/processes/fleet-server` in a process of its own, once it listens. */
export class FleetServer implements AsyncDisposable {
  readonly child: Child;
  readonly endpoint: string;

  static async start(
    options: Partial<FreelanceServerOptions> & { readonly serverId: string },
  ): Promise<FleetServer> {
    const all = { bind: 'tcp://127.0.0.1:*', ...options };
    const child = Child.node('fleet-server', JSON.stringify(all));
    const { endpoints } = (await child.nextLine()) as { endpoints: string[] };
    return new FleetServer(child, endpoints[0] ?? '');
  }

  private constructor(child: Child, endpoint: string) {
    this.child = child;
    this.endpoint = endpoint;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.child.kill();
  }
}
