/**
 * Health checks of clients and servers, for Terminus. Needs `@nestjs/terminus`.
 *
 * @module nestjs-freelance/terminus
 */

import { Inject, Injectable } from '@nestjs/common';
import { type HealthIndicatorResult, HealthIndicatorService } from '@nestjs/terminus';
import { FreelanceClientProxy } from '../nest/client/freelance-client-proxy.js';
import { badOptions } from '../nest/options/bad-options.js';
import { OptionReader } from '../nest/options/option-reader.js';
import { shown } from '../nest/options/shown.js';
import { FreelanceTransportServer } from '../nest/server/freelance-transport-server.js';
import { clientHealth } from './client-health.js';

/** What makes a client healthy: the options of `isHealthy`. */
export interface ClientHealthOptions {
  /** How many servers must be alive. At least 1. @default 1 */
  readonly minAlive?: number | undefined;
}

/**
 * Health indicator of clients and servers, for Terminus. It asks nobody: a client knows how its servers are by their
 * heartbeats. Provide it in the module that imports `TerminusModule`.
 *
 * ```ts
 * health.check([() => freelance.isHealthy('inventory', client)]);
 * ```
 */
@Injectable()
export class FreelanceHealthIndicator {
  readonly #service: HealthIndicatorService;
  /** Clients that a check has had connect. One that was closed since then stays closed. */
  readonly #connected = new WeakSet<FreelanceClientProxy>();

  constructor(@Inject(HealthIndicatorService) service: HealthIndicatorService) {
    this.#service = service;
  }

  /**
   * Whether enough servers of a client are alive: they answer its heartbeats, and have not been ejected. The result names each
   * server with its state. The first check of a client has it connect, and is `down` unless it was connected before: a client
   * that waited for its first call would otherwise never be healthy.
   *
   * @param key names it in the result
   * @param client the client, as it is injected
   * @param options how many servers it needs
   * @throws FreelanceError `BAD_OPTIONS` if an argument is wrong: the health endpoint then answers with status 500
   */
  isHealthy<const Key extends string>(
    key: Key,
    client: FreelanceClientProxy,
    options: ClientHealthOptions = {},
  ): HealthIndicatorResult<Key> {
    if (!(client instanceof FreelanceClientProxy))
      throw badOptions(`isHealthy takes a FreelanceClientProxy, but got ${shown(client)}`);
    const read = new OptionReader<ClientHealthOptions>('isHealthy', options, ['minAlive']);
    const minAlive = read.number('minAlive', { min: 1, default: 1, integer: true });
    void this.#connect(client);
    const { isHealthy, data } = clientHealth(client.stats(), minAlive);
    const check = this.#service.check(key);
    return isHealthy ? check.up(data) : check.down(data);
  }

  /**
   * Whether a server of this process takes calls: `server.isReady()`.
   *
   * @param key names it in the result
   * @param server the strategy of the application
   * @returns resolves within 1 s
   * @throws FreelanceError `BAD_OPTIONS` if that is not a server
   */
  async isServing<const Key extends string>(
    key: Key,
    server: FreelanceTransportServer,
  ): Promise<HealthIndicatorResult<Key>> {
    if (!(server instanceof FreelanceTransportServer))
      throw badOptions(`isServing takes a FreelanceTransportServer, but got ${shown(server)}`);
    const isReady = await server.isReady();
    const { endpoints } = server;
    const check = this.#service.check(key);
    return isReady ? check.up({ endpoints }) : check.down({ endpoints, message: NOT_SERVING });
  }

  async #connect(client: FreelanceClientProxy): Promise<void> {
    if (this.#connected.has(client)) return;
    this.#connected.add(client);
    try {
      await client.connect();
    } catch {
      // The next check says how its servers are.
    }
  }
}

const NOT_SERVING =
  'It does not listen, is closing, was set unready, or its handler of PING says that it is not ready.';
