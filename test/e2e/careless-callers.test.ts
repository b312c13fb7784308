import { Logger } from '@nestjs/common';
import { afterEach } from 'vitest';
import { CALLERS } from '../support/misdeeds/callers.js';
import { testPlaces } from '../support/misdeeds/rows.js';

afterEach(() => Logger.overrideLogger(false));

testPlaces(CALLERS);
