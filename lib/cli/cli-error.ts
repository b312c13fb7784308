import { FreelanceError } from '../core/freelance-error.js';
import { EXIT } from './exit-codes.js';

/** A command failed, and its message says all: no stack is shown. */
export class CliError extends Error {
  override readonly name: string = 'CliError';

  constructor(
    message: string,
    /** What the process ends with. */
    readonly exitCode: number = EXIT.failed,
  ) {
    super(message);
  }
}

/** Wrong flags or arguments. The message names the flag and its value. */
export class UsageError extends CliError {
  override readonly name = 'UsageError';

  constructor(message: string) {
    super(message, EXIT.usage);
  }
}

/** What the process ends with if a command failed with that error. */
export function exitCodeFor(error: unknown): number {
  if (error instanceof CliError) return error.exitCode;
  // Flags that do not fit each other, such as --hedge and --no-idempotent.
  return error instanceof FreelanceError && error.code === 'BAD_OPTIONS' ? EXIT.usage : EXIT.failed;
}
