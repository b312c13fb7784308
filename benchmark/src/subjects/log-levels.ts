import type { LogLevel } from '@nestjs/common';

/** Nothing is written unless something is wrong. */
export const LOG_LEVELS: LogLevel[] = ['fatal', 'error', 'warn'];
