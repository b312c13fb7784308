import { Logger } from '@nestjs/common';

// Clients log every server that goes and returns: in these tests that is what they are about.
Logger.overrideLogger(['error', 'fatal']);
