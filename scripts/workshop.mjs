// Helpers for scripts that try the library outside this folder.
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Outside this folder, so that a dependency missing in a manifest is not found in the node_modules here. */
export function inTemporaryFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'nestjs-freelance-'));
  try {
    work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs a command with visible output, and throws if it fails. */
export function run(cwd, command, ...args) {
  console.log(`\n> ${[command, ...args].join(' ')}`);
  const { status, error } = spawnSync(command, args, { cwd, stdio: 'inherit' });
  if (status !== 0) throw error ?? new Error(`${command} ${args.join(' ')} failed`);
}

const MADE_ANEW = new Set(['.git', 'node_modules', 'dist', 'coverage']);

/** Copies sources without generated files. */
export function copySources(from, to) {
  cpSync(from, to, { recursive: true, filter: (path) => !MADE_ANEW.has(basename(path)) });
}

/** Packs the package as users get it. @returns the path of its tarball */
export function pack(into) {
  run(root, 'npm', 'run', '--silent', 'build');
  run(root, 'npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', into);
  return join(
    into,
    readdirSync(into).find((file) => file.endsWith('.tgz')),
  );
}
