import { hostLost, NETWORK_FAULTS } from './faults.js';
import { instruments } from './instruments.js';
import {
  emptyAnswers,
  oldAddresses,
  secondNames,
  silentNames,
  splitViews,
} from './name-servers.js';
import { otherService } from './other-service.js';
import { scaling } from './scaling.js';
import { servicePriorities, serviceRecords } from './services.js';
import { zoneLost } from './zone.js';
import type { Scenario } from './scenario.js';

/** In the order in which they run. */
export const SCENARIOS: readonly Scenario[] = [
  instruments,
  ...NETWORK_FAULTS,
  hostLost,
  scaling,
  serviceRecords,
  servicePriorities,
  zoneLost,
  silentNames,
  secondNames,
  emptyAnswers,
  oldAddresses,
  splitViews,
  otherService,
];
