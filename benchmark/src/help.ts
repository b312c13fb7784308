import { CONTRACT_PACE } from './contract/read-pace.js';
import { FULL, QUICK } from './options.js';
import { SCENARIOS } from './scenarios/registry.js';
import { SUBJECTS } from './subjects/registry.js';

const row = (name: string, text: string) => `  ${name.padEnd(20)}${text}`;

export function help(): string {
  return [
    'npm run bench -- [options]',
    'npm run bench -- contract [--rounds n] [--seconds n]',
    '',
    row('--quick', 'everything briefly: shows whether it works, not how fast it is'),
    row('--only a,b', 'these scenarios'),
    row('--subjects a,b', 'these subjects'),
    row('--engine name', 'node or libzmq, for subjects without an engine of their own'),
    row('--rounds n', `how often everything is measured (${FULL.rounds}; quick: ${QUICK.rounds})`),
    row('--seconds n', `how long each cell is measured (${FULL.seconds}; quick: ${QUICK.seconds})`),
    row('--out folder', 'where results are written'),
    row('--help', 'this text'),
    '',
    'Without options it measures everything, which takes about half an hour, writes',
    'benchmark/results, and refreshes the README.md. With any, it writes benchmark/out.',
    '',
    'contract prints what a call by a contract costs against send, from rounds in one process',
    `(${CONTRACT_PACE.rounds} rounds; each way runs for ${CONTRACT_PACE.seconds} s in each). It writes nothing.`,
    '',
    'Scenarios:',
    ...SCENARIOS.map(({ name, title }) => row(name, title)),
    '',
    'Subjects:',
    ...Object.entries(SUBJECTS).map(([name, { label }]) => row(name, label)),
  ].join('\n');
}
