import {
  Inject,
  Injectable,
  type InjectionToken,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { ModuleRef, ModulesContainer } from '@nestjs/core';
import { FleetWatch } from '../fleet/fleet-watch.js';
import { FreelanceClientProxy } from '../nest/client/freelance-client-proxy.js';
import { badOptions } from '../nest/options/bad-options.js';
import { shown } from '../nest/options/shown.js';
import { Dashboard } from './dashboard.js';
import {
  isNamedClient,
  type NamedClient,
  type ResolvedDashboardOptions,
} from './dashboard-options.js';

/** The token of the options of one page. */
export const DASHBOARD_OPTIONS = Symbol('FreelanceDashboardOptions');

/** The paths of the pages of each application. */
const pages = new WeakMap<ModulesContainer, Set<string>>();

/** Runs the dashboard of one page as long as the application. */
@Injectable()
export class DashboardHost implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #options: ResolvedDashboardOptions;
  readonly #moduleRef: ModuleRef;
  readonly #application: ModulesContainer;
  #dashboard: Dashboard | undefined;

  constructor(
    @Inject(DASHBOARD_OPTIONS) options: ResolvedDashboardOptions,
    @Inject(ModuleRef) moduleRef: ModuleRef,
    @Inject(ModulesContainer) application: ModulesContainer,
  ) {
    this.#application = application;
    this.#options = options;
    this.#moduleRef = moduleRef;
  }

  get dashboard(): Dashboard {
    this.#dashboard ??= this.#create();
    return this.#dashboard;
  }

  onApplicationBootstrap(): void {
    const { guards, path } = this.#options;
    const logger = new Logger('FreelanceDashboardModule');
    // Fastify refuses such an application, Express says nothing.
    if (this.#isTaken(path)) {
      logger.warn(
        `Two pages are registered at ${path}: only one of them is served, with its guards and what it was given. Choose ` +
          'another path, or register one page for all clients, servers and endpoints.',
      );
    }
    if (guards === undefined) {
      logger.warn(
        `The page at ${path} has no guards of its own: unless the application has global ones, whoever reaches it ` +
          'sees all servers. Name them with the option guards, or confirm with guards: [].',
      );
    }
    this.dashboard.open();
  }

  /** Before Nest closes the HTTP server, which waits for open streams. */
  onModuleDestroy(): void {
    this.#dashboard?.close();
  }

  #isTaken(path: string): boolean {
    // As Express compares them.
    const key = path.replaceAll(/^\/+|\/+$/gu, '').toLowerCase();
    const taken = pages.get(this.#application) ?? new Set();
    pages.set(this.#application, taken);
    const isTaken = taken.has(key);
    taken.add(key);
    return isTaken;
  }

  #create(): Dashboard {
    const { clients, servers, endpoints, security, ...bounds } = this.#options;
    const watch = new FleetWatch({
      clients: clients.map((client) => this.#named(client)),
      servers,
      endpoints,
      security,
    });
    return new Dashboard(watch, bounds);
  }

  #named(given: InjectionToken | NamedClient): { name: string; client: FreelanceClientProxy } {
    if (!isNamedClient(given)) return { name: nameOf(given), client: this.#find(given) };
    const { name, client } = given;
    return { name, client: client instanceof FreelanceClientProxy ? client : this.#find(client) };
  }

  #find(token: InjectionToken): FreelanceClientProxy {
    let found: unknown;
    try {
      found = this.#moduleRef.get(token, { strict: false });
    } catch {
      throw badOptions(
        `FreelanceDashboardModule: clients names ${nameOf(token)}, but no module provides it`,
      );
    }
    if (found instanceof FreelanceClientProxy) return found;
    throw badOptions(
      `FreelanceDashboardModule: clients names ${nameOf(token)}, which must be a FreelanceClientProxy, but is ${shown(found)}`,
    );
  }
}

function nameOf(token: InjectionToken): string {
  if (typeof token === 'symbol') return token.description ?? 'client';
  return typeof token === 'function' ? token.name : token;
}
