import { nameInRun } from './names.js';
import { Namespace } from './namespace.js';
import { runCommand } from './run-command.js';
import { rulesText } from './switch-rules.js';

/** Commands, and the Debian packages that have them. */
const COMMANDS: readonly (readonly [string, string])[] = [
  ['ip', 'iproute2'],
  ['nft', 'nftables'],
  ['dnsmasq', 'dnsmasq-base'],
  ['python3', 'python3'],
];

/** What this machine offers. */
export interface Capabilities {
  /** Why no network can be made here, a reason each; none if it can. */
  readonly missing: readonly string[];
  readonly hasNetem: boolean;
}

/** Finds out by trying, in a namespace that is removed again. */
export async function capabilities(): Promise<Capabilities> {
  const missing: string[] = [];
  if (process.platform !== 'linux') missing.push('it needs Linux');
  else if (process.getuid?.() !== 0) missing.push('it needs root, for network namespaces');
  for (const [command, debianPackage] of COMMANDS) {
    if (!(await exists(command))) missing.push(`there is no ${command}: install ${debianPackage}`);
  }
  if (missing.length > 0) return { missing, hasNetem: false };
  try {
    await using namespace = await Namespace.make(nameInRun('probe'));
    await namespace.ip('link', 'add', 'name', 'bridge', 'type', 'bridge');
    await namespace.ip('link', 'add', 'name', 'a', 'type', 'veth', 'peer', 'name', 'b');
    const rule = 'iifname { a } oifname { b } numgen random mod 1000 < 1 drop';
    await namespace.run('nft', ['-f', '-'], { input: rulesText([rule]) });
    return { missing, hasNetem: await hasNetem(namespace) };
  } catch (error) {
    return { missing: [error instanceof Error ? error.message : String(error)], hasNetem: false };
  }
}

async function exists(command: string): Promise<boolean> {
  return succeeds(runCommand('sh', ['-c', `command -v ${command}`]));
}

async function hasNetem(namespace: Namespace): Promise<boolean> {
  const args = ['qdisc', 'add', 'dev', 'a', 'root', 'netem', 'delay', '1ms'];
  return succeeds(namespace.run('tc', args));
}

function succeeds(result: Promise<unknown>): Promise<boolean> {
  return result.then(
    () => true,
    () => false,
  );
}
