import { AUTHORIZERS } from '../support/misdeeds/authorizers.js';
import { testPlaces } from '../support/misdeeds/rows.js';

testPlaces(AUTHORIZERS);
