import { FreelanceTransportServer } from 'nestjs-freelance';
import { PIPELINE } from '../support/misdeeds/pipeline.js';
import { testPlaces } from '../support/misdeeds/rows.js';

// The oldest Nest 11 lacks these hooks.
const hasHooks = 'setOnProcessingStartHook' in FreelanceTransportServer.prototype;
const places = Object.entries(PIPELINE).filter(
  ([name]) => hasHooks || !name.startsWith('the hook'),
);

testPlaces(Object.fromEntries(places));
