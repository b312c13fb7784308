import { Logger } from '@nestjs/common';
import { FreelanceClientProxy } from 'nestjs-freelance';
import { contractClient } from 'nestjs-freelance/contract';
import { Child } from '../processes/child.js';
import { rounded } from '../report/format.js';
import { median, ratioInterval } from '../report/statistics.js';
import { type Column, table } from '../report/table.js';
import { Watch } from '../run/watch.js';
import { LOG_LEVELS } from '../subjects/log-levels.js';
import { benchmarkContract } from './benchmark-contract.js';
import { compare, type Pace, type Round } from './comparison.js';
import type { ContractServerDeeds } from './contract-server.js';
import { manners } from './ways.js';

const IN_FLIGHT = [1, 16, 128];

/**
 * What a call by a contract costs against a plain `send` to the same handler, as a table in Markdown. The server has a process
 * of its own; all calls are made by this one, through one client.
 */
export async function contractSuite(pace: Pace, watch: Watch): Promise<string> {
  Logger.overrideLogger(LOG_LEVELS);
  const server = new Child<ContractServerDeeds>(
    'the server',
    '../contract/contract-server.js',
    watch,
  );
  const client = new FreelanceClientProxy({ endpoints: await server.ask('serve') });
  try {
    return table(COLUMNS, await watch.until(rowsOf(client, pace)));
  } finally {
    client.close();
    await server.letGo();
  }
}

async function rowsOf(client: FreelanceClientProxy, pace: Pace): Promise<string[][]> {
  const rows: string[][] = [];
  for (const { name: manner, ways } of manners(client, contractClient(benchmarkContract, client))) {
    for (const inFlight of IN_FLIGHT) {
      const rounds = await compare(ways, inFlight, pace);
      for (const [at, { name }] of ways.entries()) {
        rows.push([`${manner}, ${inFlight} in flight`, name, ...figures(rounds, at)]);
      }
    }
  }
  return rows;
}

function figures(rounds: readonly Round[], at: number): string[] {
  const measured = rounds.flatMap((round) => round[at] ?? []);
  return FIGURES.flatMap((name) => {
    const figure = measured.map((way) => way[name]);
    const shown = rounded(median(figure.map(({ value }) => value)));
    if (at === 0) return [shown, '', ''];
    const { mean, low, high } = ratioInterval(figure.map(({ ofFirst }) => ofFirst));
    return [shown, mean.toFixed(3), `${low.toFixed(3)}–${high.toFixed(3)}`];
  });
}

const FIGURES = ['callsPerSecond', 'cpuMicrosPerCall'] as const;

const COLUMNS: readonly Column[] = [
  { heading: 'calls', align: 'left' },
  { heading: 'by', align: 'left' },
  { heading: 'calls/s', align: 'right' },
  { heading: 'of send', align: 'right' },
  { heading: '95 % interval', align: 'right' },
  { heading: 'client CPU µs/call', align: 'right' },
  { heading: 'of send', align: 'right' },
  { heading: '95 % interval', align: 'right' },
];
