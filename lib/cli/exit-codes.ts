import type { Interruption } from './cli-io.js';

/** What the process ends with. */
export const EXIT = {
  fine: 0,
  /** The call or the check failed. */
  failed: 1,
  /** Wrong flags or arguments. Source: the shells' own commands. */
  usage: 2,
} as const;

/** Source: the shells' 128 + the number of the signal. A reader that has read enough, as `| head`, is no failure. */
const INTERRUPTED: Readonly<Record<Interruption, number>> = {
  SIGHUP: 129,
  SIGINT: 130,
  SIGTERM: 143,
  EPIPE: 0,
  UNWRITABLE: EXIT.failed,
};

/** The exit code of an interrupted command. @param reason that of `CliIo.interrupted` */
export function exitCodeOf(reason: unknown): number {
  return INTERRUPTED[reason as Interruption] ?? EXIT.failed;
}
