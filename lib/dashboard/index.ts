export type { FreelanceDashboardOptions, NamedClient, NamedServer } from './dashboard-options.js';
export { FreelanceDashboardModule } from './freelance-dashboard-module.js';
