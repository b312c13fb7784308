import type { ChartBar } from '../../../benchmark/src/report/charts/chart.js';
import { svg } from '../../../benchmark/src/report/charts/svg.js';
import { rounded } from '../../../benchmark/src/report/format.js';
import { table } from '../../../benchmark/src/report/table.js';
import type { Report } from './reports.js';
import { spreadOf } from './spread.js';

const CLIENTS = 1000;
const SERVERS = 200;
const SIZES = [5, 10, 20, 40];

/** How many clients watch each server, and how many change one when a server is added. */
export function spreadReport(seed: number): Report {
  const cases = SIZES.flatMap((size) =>
    [false, true].map((isNumbered) => {
      const spread = spreadOf({ clients: CLIENTS, servers: SERVERS, size, isNumbered }, seed);
      return { size, how: isNumbered ? 'numbered' : 'drawn', spread };
    }),
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
      cases.map(({ size, how, spread }) => [
        String(size),
        how,
        String(spread.mean),
        String(spread.least),
        String(spread.most),
        `${spread.mostAfterLoss} of ${rounded(spread.meanAfterLoss)}`,
        String(spread.changes),
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
          .map(({ size, spread: { mean, least, most } }): ChartBar => ({
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
