import type { LoggerService } from '@nestjs/common';
import type { Command } from 'commander';
import type { CliIo } from './cli-io.js';

/** Keeps the library's log out of the results: silent, or with `--verbose` on standard error. */
export async function routeLog(command: Command, { err }: Pick<CliIo, 'err'>): Promise<void> {
  const { Logger } = await import('@nestjs/common');
  const { verbose } = command.opts<{ verbose?: boolean }>();
  Logger.overrideLogger(verbose === true && logTo(err));
}

function logTo(err: CliIo['err']): LoggerService {
  const line = (level: string) => (message: unknown) => err(`${level} ${String(message)}\n`);
  return {
    log: line('log  '),
    error: line('error'),
    warn: line('warn '),
    debug: line('debug'),
    verbose: line('more '),
    fatal: line('fatal'),
  };
}
