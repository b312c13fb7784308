import type { LogLevel } from '@nestjs/common';

/** Logs only problems. */
export const LOG_LEVELS: LogLevel[] = ['fatal', 'error', 'warn'];
