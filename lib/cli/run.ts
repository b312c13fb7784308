import { CommanderError } from 'commander';
import { FreelanceError } from '../core/freelance-error.js';
import { isError } from '../is-error.js';
import { reasonOf } from '../sockets/reason-of.js';
import { CliError, exitCodeFor } from './cli-error.js';
import type { CliIo } from './cli-io.js';
import { coloursOf } from './colours.js';
import { EXIT, exitCodeOf } from './exit-codes.js';
import { createProgram, withoutHelpOfNothing } from './program.js';
import { flagWords } from './words-of-flags.js';

/**
 * Runs the command that the arguments name, and sets the exit code.
 *
 * @param args without the paths of node and of the program
 */
export async function runCli(args: readonly string[], io: CliIo): Promise<void> {
  try {
    const program = createProgram(io);
    await program.parseAsync(withoutHelpOfNothing(program, args), { from: 'user' });
  } catch (error) {
    io.exit(report(error, io));
  }
  // Whatever the command made of it.
  if (io.interrupted.aborted) io.exit(exitCodeOf(io.interrupted.reason));
}

/** Tells what a command failed with. @returns the exit code */
function report(error: unknown, io: CliIo): number {
  // Commander has written its message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  if (!io.interrupted.aborted)
    io.err(`${coloursOf(io.isErrTty, io.env).red('error:')} ${messageOf(error)}\n`);
  return exitCodeFor(error);
}

function messageOf(error: unknown): string {
  if (error instanceof FreelanceError) return `${error.code}: ${flagWords(error.message)}`;
  if (error instanceof CliError || !isError(error)) return reasonOf(error);
  // Nobody expected it: whoever reports it needs to know where it came from.
  return error.stack ?? error.message;
}
