import { Command } from 'commander';
import { PACKAGE } from '../package.js';
import type { CliIo } from './cli-io.js';
import { hasColours } from './colours.js';
import { benchCommand } from './commands/bench.js';
import { callCommand } from './commands/call.js';
import { contractCommand } from './commands/contract.js';
import { dashboardCommand } from './commands/dashboard.js';
import { doctorCommand } from './commands/doctor.js';
import { emitCommand } from './commands/emit.js';
import { infoCommand } from './commands/info.js';
import { keygenCommand } from './commands/keygen.js';
import { pingCommand } from './commands/ping.js';
import { topCommand } from './commands/top.js';

/** The commands, in the order of the help. */
const COMMANDS: readonly ((io: CliIo) => Command)[] = [
  pingCommand,
  infoCommand,
  contractCommand,
  callCommand,
  emitCommand,
  topCommand,
  benchCommand,
  doctorCommand,
  dashboardCommand,
  keygenCommand,
];

const BEHIND_HELP = `
Servers are named by address, such as tcp://10.0.0.1:5555. Where none is given,
FREELANCE_ENDPOINTS names them, with commas between. Results go to standard
output, everything else to standard error; --json is for programs.

Exit codes:
  0    all is well
  1    the call, or the check, failed
  2    wrong flags or arguments
  130  interrupted by Ctrl-C

Each command explains itself: nestjs-freelance help <command>`;

/** The program, which knows all commands and runs none yet. It throws a `CommanderError` where commander would exit. */
export function createProgram(io: CliIo): Command {
  const program = new Command('nestjs-freelance')
    .description('Looks at, calls and measures servers of nestjs-freelance.')
    .configureOutput({
      writeOut: io.out,
      writeErr: io.err,
      getOutHelpWidth: () => helpWidth(io),
      getErrHelpWidth: () => helpWidth(io),
      getOutHasColors: () => hasColours(io.isTty, io.env),
      getErrHasColors: () => hasColours(io.isErrTty, io.env),
    })
    .exitOverride()
    .showHelpAfterError('Add --help to learn how it is used.')
    .version(PACKAGE.version, '-V, --version', 'print the version of the package')
    .helpOption('-h, --help', 'explain, and do nothing else')
    .helpCommand('help [command]', 'explain a command')
    .addHelpText('after', BEHIND_HELP);
  for (const make of COMMANDS) program.addCommand(make(io).copyInheritedSettings(program));
  return program;
}

/**
 * What to parse so that an unknown command is told as one: beside a demand for help, commander explains the whole program instead.
 *
 * @param args of the command line
 */
export function withoutHelpOfNothing(program: Command, args: readonly string[]): readonly string[] {
  const name = args[0] === 'help' ? args[1] : args[0];
  if (name === undefined || name === 'help' || name.startsWith('-')) return args;
  return program.commands.some((command) => command.name() === name) ? args : [name];
}

/** Wider lines are hard to read, however wide the terminal is. */
const WIDEST = 100;
const WIDTH_WITHOUT_TERMINAL = 80;

function helpWidth({ columns = WIDTH_WITHOUT_TERMINAL }: CliIo): number {
  return Math.min(columns, WIDEST);
}
