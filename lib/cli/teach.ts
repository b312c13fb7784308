import type { Command } from 'commander';
import { EXIT } from './exit-codes.js';

/** What the help of a command says below its options. */
export interface Lesson {
  /** Command lines without the program's name, each with what it does. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  /** What else there is to know, a paragraph each. */
  readonly notes?: readonly string[];
  /** Exit codes beyond those that all commands have, or in other words. */
  readonly exitCodes?: Readonly<Record<number, string>>;
}

const EXIT_CODES: Readonly<Record<number, string>> = {
  [EXIT.fine]: 'all is well',
  [EXIT.failed]: 'the call, or the check, failed: standard error says why',
  [EXIT.usage]: 'wrong flags or arguments',
  130: 'interrupted by Ctrl-C',
};

/** Ends the help of a command with notes, examples and exit codes. */
export function teach(command: Command, { examples, notes = [], exitCodes = {} }: Lesson): Command {
  const codes = Object.entries({ ...EXIT_CODES, ...exitCodes });
  const lines = [
    ...notes.map((note) => `\n${note}`),
    '\nExamples:',
    ...examples.map(([line, what]) => `  $ nestjs-freelance ${line}\n      ${what}`),
    '\nExit codes:',
    ...codes.map(([code, meaning]) => `  ${code.padEnd(4)} ${meaning}`),
  ];
  return command.addHelpText('after', lines.join('\n'));
}
