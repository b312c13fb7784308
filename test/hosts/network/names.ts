import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, rm, rmdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Namespace } from './namespace.js';
import { runCommand } from './run-command.js';

/** Names of namespaces and folders: those of one run have its process id, by which a later run finds what a dead one left. */
const PATTERN = /^freelance-(?<pid>\d+)-[0-9a-f]{6}-/;

const PREFIX = `freelance-${process.pid}-${randomBytes(3).toString('hex')}-`;

/** The whole name of a namespace of this run. */
export function nameInRun(name: string): string {
  return `${PREFIX}${name}`;
}

/** A new folder for files of this run. */
export function makeFolder(name: string): Promise<string> {
  return mkdtemp(join(tmpdir(), nameInRun(name)));
}

/** Removes the namespaces of runs that have ended without removing them, with the processes inside, and their folders. */
export async function removeRemains(): Promise<void> {
  const listed = await runCommand('ip', ['netns', 'list']);
  // A line is a name, or a name and its number: `name (id: 0)`.
  const names = listed.split('\n').map((line) => line.split(' ')[0] ?? '');
  await Promise.all(
    names.filter(isRemains).map((name) => Namespace.of(name)[Symbol.asyncDispose]()),
  );
  for (const name of (await readdir(tmpdir())).filter(isRemains)) {
    await rm(join(tmpdir(), name), { recursive: true, force: true });
  }
}

function isRemains(name: string): boolean {
  const pid = PATTERN.exec(name)?.groups?.['pid'];
  return pid !== undefined && !isRunning(Number(pid));
}

/** Removes the folder of `ip netns` for files of namespaces, if nobody else has any there. */
export async function removeEmptyFolder(): Promise<void> {
  await rmdir('/etc/netns').catch(() => {});
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
