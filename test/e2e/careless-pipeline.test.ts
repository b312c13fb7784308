import { PIPELINE } from '../support/misdeeds/pipeline.js';
import { testPlaces } from '../support/misdeeds/rows.js';

testPlaces(PIPELINE);
