import { CLIENT_CODECS, READINESS, SERVER_CODECS } from '../support/misdeeds/codecs.js';
import { testPlaces } from '../support/misdeeds/rows.js';

testPlaces(CLIENT_CODECS);
testPlaces(SERVER_CODECS);
testPlaces(READINESS);
