import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { withoutPadding } from '../../../benchmark/src/report/table.js';
import { type Report, reports } from './reports.js';
import { runStudy } from './run.js';
import { spreadReport } from './spread-report.js';
import { LARGE, studies } from './study.js';

const USAGE = `npm run simulate:scale -- [options]
  --only name   one study: spread, zone, region, uneven, comeback or storm; or of 1 000 clients and 200 servers, large
                (a zone of them) and region-large
  --quick       fleets of a few hosts, in seconds: facts, not figures
  --seed n      1 if not told
Of the large fleets, tables and pictures go into docs/scale.md and docs/scale.
`;

const PAGE = 'docs/scale.md';
const PICTURES = 'docs/scale';

const { values: args } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    help: { type: 'boolean', default: false },
  },
});
const seed = Number(args.seed);
const isWanted = (name: string) =>
  args.only ? args.only === name : !LARGE.some((large) => large.name === name);

if (args.help) console.log(USAGE);
else await run();

async function run(): Promise<void> {
  if (isWanted('spread')) tell('spread', spreadReport(seed));
  for (const study of studies(args.quick).filter(({ name }) => isWanted(name))) {
    const found = await runStudy(study, { seed, isQuick: args.quick, progress });
    for (const [variant, { violations }] of found) {
      for (const violation of violations) {
        process.exitCode = 1;
        console.log(`${study.name}, ${variant} broke a rule: ${violation}`);
      }
    }
    const report = reports[study.name];
    if (report) tell(study.name, report(found));
  }
}

function tell(name: string, { table, picture }: Report): void {
  console.log(`\n${name}\n\n${table}`);
  if (args.quick) return;
  mkdirSync(PICTURES, { recursive: true });
  writeFileSync(`${PICTURES}/${name}.svg`, picture);
  const source = `From \`npm run simulate:scale -- --only ${name}\`, seed ${seed}.`;
  const text = `${withoutPadding(table)}\n\n${source}`;
  writeFileSync(PAGE, withTable(readFileSync(PAGE, 'utf8'), name, text));
}

/** @throws Error if the page lacks one of the study's marks */
function withTable(page: string, name: string, table: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`${PAGE} lacks ${begin} … ${end}.`);
  return `${page.slice(0, from)}${begin}\n\n${table}\n\n${page.slice(to)}`;
}

function progress(what: string): void {
  process.stderr.write(`${what}\n`);
}
