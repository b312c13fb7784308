import { HANDLERS } from '../support/misdeeds/handlers.js';
import { testPlaces } from '../support/misdeeds/rows.js';

testPlaces(HANDLERS);
