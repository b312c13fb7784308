import 'reflect-metadata';
// Not all of Nest: every test file loads this one, and half of them need no more of it.
import { Logger } from '@nestjs/common/services/logger.service.js';

// Clients log every server that leaves and returns, which is what these tests do.
Logger.overrideLogger(['error', 'fatal']);
