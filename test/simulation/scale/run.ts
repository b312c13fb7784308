import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildInto } from '../mutants/build.js';
import type { Figures } from './measure.js';
import type { Study, Variant } from './study.js';

/** 200 000 connections take two gigabytes; with long-lived objects, a larger nursery saves copying. */
const NODE_OPTIONS = ['--max-old-space-size=6000', '--max-semi-space-size=128'];

export interface RunOptions {
  readonly seed: number;
  readonly isQuick: boolean;
  readonly progress: (what: string) => void;
}

/** Measures each variant of a study in a process and a build of its own. */
export async function runStudy(study: Study, options: RunOptions): Promise<Map<string, Figures>> {
  const figures = new Map<string, Figures>();
  for (const variant of study.variants) {
    figures.set(variant.name, await runVariant(study, variant, options));
  }
  return figures;
}

async function runVariant(
  study: Study,
  { name, fleet, edits = [] }: Variant,
  { seed, isQuick, progress }: RunOptions,
): Promise<Figures> {
  const build = mkdtempSync(join(tmpdir(), 'freelance-scale-'));
  try {
    buildInto(build, edits);
    const program = join(build, 'test/simulation/scale/measure-one.js');
    const args = [...NODE_OPTIONS, program, study.name, name, String(seed), String(isQuick)];
    const told = (now: number) =>
      progress(`${study.name}, ${name}: ${now / 1000} of ${fleet.lastsMs / 1000} s`);
    return JSON.parse(await outputOf(args, told)) as Figures;
  } finally {
    rmSync(build, { recursive: true, force: true });
  }
}

/** @param told receives each number that it prints */
function outputOf(args: readonly string[], told: (number: number) => void): Promise<string> {
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    const latest = Number(text.trim().split('\n').at(-1));
    if (Number.isNaN(latest)) errors += text;
    else told(latest);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`a fleet could not be measured: ${errors}`));
    });
  });
}
