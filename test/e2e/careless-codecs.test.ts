import { READINESS, SERVER_CODECS } from '../support/misdeeds/codecs.js';
import { testPlaces } from '../support/misdeeds/rows.js';

testPlaces(SERVER_CODECS);
testPlaces(READINESS);
