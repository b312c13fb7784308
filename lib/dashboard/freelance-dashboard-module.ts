import { type DynamicModule, Module } from '@nestjs/common';
import { dashboardController } from './dashboard-controller.js';
import { DASHBOARD_OPTIONS, DashboardHost } from './dashboard-host.js';
import { type FreelanceDashboardOptions, resolveDashboardOptions } from './dashboard-options.js';

/**
 * A live page of clients and servers in an application with Express or Fastify: their states, calls, latencies and errors,
 * and what happened to them in the last ten minutes. It only shows: nothing can be changed through it. docs/dashboard.md
 *
 * ```ts
 * FreelanceDashboardModule.register({ path: '/freelance', clients: ['INVENTORY'], guards: [AdminGuard] })
 * ```
 */
@Module({})
export class FreelanceDashboardModule {
  /**
   * May be imported several times, with different paths.
   *
   * @throws FreelanceError `BAD_OPTIONS`, naming the option, its bound and the value
   */
  static register(options: FreelanceDashboardOptions): DynamicModule {
    const resolved = resolveDashboardOptions(options);
    return {
      module: FreelanceDashboardModule,
      imports: resolved.imports,
      controllers: [dashboardController(resolved.path, resolved.guards ?? [])],
      providers: [{ provide: DASHBOARD_OPTIONS, useValue: resolved }, DashboardHost],
    };
  }
}
