/**
 * A live page of clients and servers, mounted in an application of Nest with Express or Fastify.
 *
 * @module nestjs-freelance/dashboard
 */

export type { FreelanceDashboardOptions, NamedClient, NamedServer } from './dashboard-options.js';
export { FreelanceDashboardModule } from './freelance-dashboard-module.js';
