import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { readPace } from '../../benchmark/src/contract/read-pace.js';
import { readOptions as readBenchmark } from '../../benchmark/src/options.js';
import { createProgram, withoutHelpOfNothing } from '../../lib/cli/program.js';
import { root } from '../../scripts/workshop.mjs';
import { readOptions as readChaos } from '../chaos/options.js';
import { readOptions as readHosts } from '../hosts/options.js';
import { FakeIo } from '../support/cli-io.js';
import { commandsOf } from './shell.js';

interface Manifest {
  readonly name: string;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const manifestOf = (folder: string) => JSON.parse(read(join(folder, 'package.json'))) as Manifest;

/** Commands of others: of these the shell's syntax is all that is checked. */
const FOREIGN = new Set([
  'curl',
  'docker',
  'echo',
  'git',
  'grep',
  'jq',
  'kubectl',
  'sleep',
  'tail',
]);

/** What is wrong with the commands of a script: those that do not exist, and what they are not made to take. */
export async function faultsOfScript(script: string): Promise<string[]> {
  const faults: string[] = [];
  for (const command of commandsOf(script)) {
    const fault = await faultOf(command);
    if (fault !== undefined) faults.push(`${command.join(' ')}: ${fault}`);
  }
  return faults;
}

function faultOf([name = '', ...args]: readonly string[]):
  Promise<string | undefined> | string | undefined {
  const [first = '', ...rest] = args;
  if (name === 'npx' && first === 'nestjs-freelance') return faultOfProgram(rest);
  if (name === 'nestjs-freelance') return faultOfProgram(args);
  if (name === 'npx' && first === 'vitest') return rest.map(faultOfPath).find(Boolean);
  if (name === 'node') return faultOfPath(args.find((word) => !word.startsWith('-')) ?? '');
  if (name === 'npm') return faultOfNpm(first, rest);
  return FOREIGN.has(name) ? undefined : 'nobody knows this command';
}

/** Has our own program read the flags and arguments, and run nothing. */
export async function faultOfProgram(args: readonly string[]): Promise<string | undefined> {
  // In a sentence: the program itself.
  if (args.length === 0) return undefined;
  const io = new FakeIo();
  const program = createProgram(io);
  for (const command of program.commands) command.action(() => {});
  try {
    await program.parseAsync(withoutHelpOfNothing(program, args), { from: 'user' });
  } catch (error) {
    // It was asked for help, or for its version.
    if ((error as { exitCode?: number }).exitCode === 0) return undefined;
    return io.complained.split('\n')[0] || String(error);
  }
  return undefined;
}

/** The commands of the program, without `help`. */
export const programCommands = (): readonly Command[] => createProgram(new FakeIo()).commands;

const OWN_PATH = /^(?:\.\/)?((?:benchmark|lib|sample|scripts|test)\/[\w./-]+)$/u;

/** Paths of this repository have to be there; what is built, as its source. Of a reader's application nobody knows. */
function faultOfPath(word: string): string | undefined {
  const path = OWN_PATH.exec(word)?.[1];
  if (path === undefined || existsSync(join(root, path))) return undefined;
  const source = path.replace('/dist/', '/src/').replace(/\.js$/u, '.ts');
  return existsSync(join(root, source)) ? undefined : `there is no ${path}`;
}

/** Commands of npm that take no script of ours. */
const NPM = new Set(['audit', 'ci', 'deprecate', 'ls', 'pack', 'pkg', 'version']);

function faultOfNpm(verb: string, args: readonly string[]): string | undefined {
  if (verb === 'install') return args.map(faultOfDependency).find(Boolean);
  if (NPM.has(verb)) return undefined;
  const end = args.includes('--') ? args.indexOf('--') : args.length;
  const [own, passed] = [args.slice(0, end), args.slice(end + 1)];
  const workspace = own.includes('-w') ? own[own.indexOf('-w') + 1] : undefined;
  const script = verb === 'run' ? (own.find((word) => !word.startsWith('-')) ?? '') : verb;
  const folder = workspace ?? '.';
  if (!existsSync(join(root, folder, 'package.json'))) return `there is no workspace ${folder}`;
  if (!(script in manifestOf(folder).scripts)) return `there is no script ${script} in ${folder}`;
  return workspace === undefined ? faultOfArguments(script, passed) : undefined;
}

/** What readers install beside the package, and no manifest here names. */
const OF_READERS = new Set(['@opentelemetry/sdk-node', '@opentelemetry/instrumentation-http']);

function faultOfDependency(word: string): string | undefined {
  if (word.startsWith('-')) return undefined;
  const [, name = '', version] = /^(@?[^@]+)(?:@(.+))?$/u.exec(word) ?? [];
  const { name: ours, dependencies, peerDependencies } = manifestOf('.');
  if (name === ours || OF_READERS.has(name)) return undefined;
  const range = { ...dependencies, ...peerDependencies }[name];
  if (range === undefined) return `the package has nothing to do with ${name}`;
  return version === undefined || range.includes(`^${version}.`)
    ? undefined
    : `${name} ${version} is not of ${range}`;
}

/** How the scripts that have arguments read them; those that read none while they load are read as text. */
const READERS: Readonly<Record<string, (args: readonly string[]) => unknown>> = {
  bench: (args) => (args[0] === 'contract' ? readPace(args.slice(1)) : readBenchmark(args)),
  chaos: readChaos,
  'test:hosts': readHosts,
  demo: flagsIn('sample/01-failover/src/main.ts', (flag) => `'${flag}'`),
  fuzz: flagsIn('test/fuzz/fuzz.ts'),
  site: flagsIn('scripts/site.mjs'),
  simulate: flagsIn('test/simulation/simulate.ts'),
  'simulate:scale': flagsIn('test/simulation/scale/scale.ts'),
  // These take paths, and numbers.
  mutate: (args) => args,
  'test:random': (args) => args,
};

function faultOfArguments(script: string, args: readonly string[]): string | undefined {
  if (args.length === 0) return undefined;
  const reader = READERS[script];
  if (!reader) return `nobody knows what ${script} takes`;
  try {
    reader(args);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function flagsIn(
  path: string,
  spelled = (flag: string) => `${flag.slice(2)}: { type: `,
): (args: readonly string[]) => void {
  return (args) => {
    const source = read(path);
    for (const flag of args.filter((word) => word.startsWith('--')))
      if (!source.includes(spelled(flag))) throw new Error(`there is no ${flag} in ${path}`);
  };
}
