import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { charts } from './report/charts/charts.js';
import { svg } from './report/charts/svg.js';
import { withResults } from './report/readme.js';
import { report } from './report/report.js';
import { type Results, resultsJson } from './report/results.js';
import { withoutPadding } from './report/table.js';

const folder = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** For the results of a full run, which are committed. */
export const KEPT = folder('../results');

/** For the results of any other run. */
export const SCRATCH = folder('../out');

/** Resolves the folder relative to where the command was typed, which npm reports. */
export function folderOf(out: string): string {
  return resolve(process.env['INIT_CWD'] ?? '.', out);
}

/** Puts the results of a full run into README.md. */
export function refreshReadme(results: Results): void {
  const path = folder('../../README.md');
  writeFileSync(path, withoutPadding(withResults(readFileSync(path, 'utf8'), results)));
}

export function write(results: Results, out: string): void {
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, 'results.json'), resultsJson(results));
  writeFileSync(join(out, 'table.md'), withoutPadding(report(results)));
  for (const [name, chart] of charts(results.rows)) {
    writeFileSync(join(out, `${name}.svg`), svg(chart));
  }
}
