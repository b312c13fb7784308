// What the scripts share that try the library elsewhere than in this folder.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Outside this folder, so that what a manifest forgets is not found in the node_modules here. */
export function inTemporaryFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-freelance-'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a command whose output is the user's to see, and throws if it fails. */
export function run(cwd, command, ...args) {
  console.log(`\n> ${[command, ...args].join(' ')}`);
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(' ')} failed`);
}

const MADE_ANEW = new Set(['.git', 'node_modules', 'dist', 'coverage']);

/** Copies sources, not what was made of them. */
export function copySources(from, to) {
  cpSync(from, to, { recursive: true, filter: (path) => !MADE_ANEW.has(basename(path)) });
}

/** The package as users get it. @returns the path of its tarball */
export function pack(into) {
  run(root, 'npm', 'run', '--silent', 'build');
  run(root, 'npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', into);
  return join(
    into,
    readdirSync(into).find((file) => file.endsWith('.tgz')),
  );
}
