import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from './run-command.js';

/** `ip netns exec NAME` shows a process the files of this folder's NAME in place of those of /etc. Source: ip-netns(8). */
const FILES = '/etc/netns';

/** A network namespace: interfaces, addresses and rules that no other process of the machine sees. */
export class Namespace implements AsyncDisposable {
  private constructor(readonly name: string) {}

  static async make(name: string): Promise<Namespace> {
    await runCommand('ip', ['netns', 'add', name]);
    const namespace = new Namespace(name);
    await namespace.ip('link', 'set', 'dev', 'lo', 'up');
    return namespace;
  }

  /** One that an earlier run left. */
  static of(name: string): Namespace {
    return new Namespace(name);
  }

  /** Runs `ip` on the interfaces of this namespace. */
  async ip(...args: string[]): Promise<void> {
    await runCommand('ip', ['-n', this.name, ...args]);
  }

  /** The command line that runs this one inside. `ip` becomes that program, so it has the id and the ends of `ip`. */
  inside(program: string, ...args: string[]): { command: string; args: string[] } {
    return { command: 'ip', args: ['netns', 'exec', this.name, program, ...args] };
  }

  /** Runs a program inside to its end. */
  run(program: string, args: readonly string[], options: { input?: string } = {}): Promise<string> {
    const line = this.inside(program, ...args);
    return runCommand(line.command, line.args, options);
  }

  /** Processes that start inside from now on ask the first of these name servers, and the next if it does not answer. */
  async askNameServers(addresses: readonly string[], search: string): Promise<void> {
    const folder = join(FILES, this.name);
    await mkdir(folder, { recursive: true });
    const servers = addresses.map((address) => `nameserver ${address}\n`);
    await writeFile(join(folder, 'resolv.conf'), `${servers.join('')}search ${search}\n`);
  }

  /** Ends what runs inside, and removes the namespace with all its interfaces. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const pid of await this.#processes()) endProcess(pid);
    await rm(join(FILES, this.name), { recursive: true, force: true });
    await runCommand('ip', ['netns', 'del', this.name]);
  }

  async #processes(): Promise<number[]> {
    const pids = await runCommand('ip', ['netns', 'pids', this.name]);
    return pids.split('\n').filter(Boolean).map(Number);
  }
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
