// Shows where processes spent their time, from their CPU profiles (benchmark/README.md explains how to record them):
//
//   node scripts/top-of-profiles.mjs <file.cpuprofile>…

import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

const SHOWN = 25;

for (const file of process.argv.slice(2)) {
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(file, 'utf8'));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const selfTime = new Map();
  let busy = 0;
  for (const [at, id] of samples.entries()) {
    const { functionName, url, lineNumber } = frames.get(id);
    if (functionName === '(idle)') continue;
    const place = url && ` ${url.split('/').slice(-2).join('/')}:${lineNumber + 1}`;
    const name = `${functionName || '(anonymous)'}${place}`;
    selfTime.set(name, (selfTime.get(name) ?? 0) + timeDeltas[at]);
    busy += timeDeltas[at];
  }
  console.log(`\n${basename(file)}: busy for ${(busy / 1e6).toFixed(1)} s`);
  const top = [...selfTime].toSorted(([, a], [, b]) => b - a).slice(0, SHOWN);
  for (const [name, time] of top) {
    console.log(`${((100 * time) / busy).toFixed(1).padStart(6)} %  ${name}`);
  }
}
