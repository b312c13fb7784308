import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The first python3 on the PATH may not be the one for which Debian installs packages. */
const CANDIDATES = ['python3', '/usr/bin/python3'];

const CHECK = 'import sys, zmq.asyncio; sys.exit(sys.version_info < (3, 9))';

/** @returns an interpreter that has PyZMQ, if there is one */
export function findPython(): string | undefined {
  return CANDIDATES.find((command) => spawnSync(command, ['-c', CHECK]).status === 0);
}

/** Arguments for the interpreter: a program of this sample, which ends with its parent. */
export function program(name: string, ...args: readonly string[]): string[] {
  // -B: write no compiled files beside the sources.
  return ['-B', pathOf('with_parent.py'), pathOf(name), ...args];
}

function pathOf(file: string): string {
  return fileURLToPath(new URL(`../python/${file}`, import.meta.url));
}
