import type { ChartBar } from '../../../benchmark/src/report/charts/chart.js';
import { svg } from '../../../benchmark/src/report/charts/svg.js';
import { rounded } from '../../../benchmark/src/report/format.js';
import { table } from '../../../benchmark/src/report/table.js';
import type { Report } from './reports.js';
import { spreadOf } from './spread.js';

const CLIENTS = 1000;
const SERVERS = 200;
const SIZES = [5, 10, 20, 40];

/** How many clients watch each server, and how many change one when a server comes. */
export function spreadReport(seed: number): Report {
  const cases = SIZES.flatMap((size) =>
    [false, true].map((isNumbered) => ({
      size,
      how: isNumbered ? 'numbered' : 'drawn',
      ...spreadOf({ clients: CLIENTS, servers: SERVERS, size, isNumbered }, seed),
    })),
  );
  const right = (heading: string) => ({ heading, align: 'right' as const });
  return {
    table: table(
      [
        right('size'),
        { heading: 'clients are', align: 'left' },
        ...['clients of a server', 'least', 'most', 'most, a quarter dead'].map(right),
        right('changes when one comes'),
      ],
      cases.map(({ size, how, mean, least, most, mostAfterLoss, meanAfterLoss, changes }) => [
        String(size),
        how,
        String(mean),
        String(least),
        String(most),
        `${mostAfterLoss} of ${rounded(meanAfterLoss)}`,
        String(changes),
      ]),
    ),
    picture: svg({
      title: `Clients of a server: ${CLIENTS} clients, ${SERVERS} servers`,
      note: 'A bar is the mean, the line reaches from the server with the fewest to the one with the most.',
      columns: 2,
      panels: ['drawn', 'numbered'].map((how) => ({
        title: `Clients are ${how}`,
        bars: cases
          .filter((one) => one.how === how)
          .map(({ size, mean, least, most }): ChartBar => ({
            label: `size ${size}`,
            value: mean,
            low: least,
            high: most,
            text: `${least} to ${most}`,
            tone: how === 'numbered' ? 'ours' : 'theirs',
          })),
      })),
    }),
  };
}
