import { setTimeout as delay } from 'node:timers/promises';
import { Download } from './download.js';
import { openExporter } from './exporter.js';
import { openRows, type Source } from './rows.service.js';

const MIB = 1024 * 1024;

/** A row is 1 KiB. */
const PER_MIB = 1024;

const ROWS = 200 * PER_MIB;

/** How long a source that stands still is watched, in ms. */
const STILL_MS = 300;

/** How long a source may take to close, in ms. */
const PATIENCE_MS = 30_000;

/** @param say called with a line for each event */
export async function run(say: (line: string) => void): Promise<void> {
  const source: Source = { made: 0, closed: 0 };
  const service = await openRows(source);
  const exporter = await openExporter(service.endpoints);
  const start = (query: string) => {
    Object.assign(source, { made: 0, closed: 0 });
    return Download.start(`${exporter.url}/export?${query}`);
  };
  const before = process.memoryUsage().rss;

  const slow = await start(`count=${ROWS}`);
  await standstill(source);
  say(`200 MiB, and nobody reads: the source stops at ${under(16, source.made / PER_MIB)}`);

  let [ahead, memory] = [0, 0];
  const end = await slow.read(() => {
    ahead = Math.max(ahead, source.made - slow.rows);
    memory = Math.max(memory, process.memoryUsage().rss - before);
  });
  say(
    `a slow reader: ${slow.rows} rows, ${end}; the source is ahead by ${under(16, ahead / PER_MIB)}`,
  );
  say(`memory of service, exporter and reader together: grown by ${under(100, memory / MIB)}`);

  const left = await start(`count=${ROWS}`);
  left.leave();
  for (let ms = 0; source.closed === 0 && ms < PATIENCE_MS; ms += 10) await delay(10);
  const then = source.closed === 1 ? 'has closed' : 'runs on';
  say(`a reader that leaves: the source ${then}, at ${under(16, source.made / PER_MIB)}`);

  const failing = await start(`count=${ROWS}&failAt=5000`);
  say(
    `a source that fails on the way: status ${failing.status}, and the download is ${await failing.read()}`,
  );
  const refused = await start(`count=${ROWS}&failAt=0`);
  say(`a source that fails at once: status ${refused.status}`);
  await refused.read();
  await exporter.close();
  await service.close();
}

async function standstill(source: Source): Promise<void> {
  for (let seen = -1; seen !== source.made; await delay(STILL_MS)) seen = source.made;
}

/** The bound, which holds on every machine, or the amount if it does not hold. */
function under(bound: number, mebibytes: number): string {
  return mebibytes < bound ? `less than ${bound} MiB` : `${mebibytes.toFixed(1)} MiB`;
}
