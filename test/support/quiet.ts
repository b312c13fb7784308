import { Logger } from '@nestjs/common';

// Clients log every server that leaves and returns, which is what these tests do.
Logger.overrideLogger(['error', 'fatal']);
