import { setTimeout as delay } from 'node:timers/promises';
import { freePorts } from './free-ports.js';
import { LiveView } from './live-view.js';
import { PlainView } from './plain-view.js';
import { Run } from './run.js';
import { Stage } from './stage.js';
import { summary } from './summary.js';
import type { View } from './view.js';

const REDRAW_MS = 120;

/** The exit code by which shells report a process that a signal ended. */
const EXIT_CODES = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 };

const ports = await freePorts(3);
const run = new Run(
  new Map(ports.map((port, index) => [`server-${index + 1}`, `tcp://127.0.0.1:${port}`])),
);
const view = chooseView();
const hasPage = process.argv.includes('--page');
const stage = new Stage(run, hasPage, (death) => leave(death, 1));

// Every way out ends here, an uncaught error too.
process.on('exit', () => {
  stage.clear();
  view.close(run);
});
for (const [signal, code] of Object.entries(EXIT_CODES)) {
  process.once(signal, () => leave(`Stopped by ${signal}.`, code));
}
// Nobody reads on, as in `npm run demo | head`.
process.stdout.once('error', () => process.exit(1));

const redraw = setInterval(() => view.show(run), REDRAW_MS);
await tellTheStory();
clearInterval(redraw);

view.close(run);
view.print([[], ...summary(run)]);
process.exitCode = run.tally.failed === 0 ? 0 : 1;

async function tellTheStory(): Promise<void> {
  await stage.open();
  await delay(4000);
  // For whoever looks at the page, until Ctrl-C.
  const rounds = hasPage ? Infinity : 1;
  for (let round = 0; round < rounds; round++) await faults();
  await stage.close();
}

async function faults(): Promise<void> {
  await stage.kill('server-2');
  await delay(1500);
  await stage.restart('server-2');
  await delay(4000);

  await stage.freeze('server-3');
  await delay(2500);
  await stage.thaw('server-3');
  await delay(4000);
}

function chooseView(): View {
  const { stdout, argv, env } = process;
  const isForEyes = stdout.isTTY && env['TERM'] !== 'dumb' && !argv.includes('--once');
  if (isForEyes) return new LiveView(stdout, !env['NO_COLOR']);
  return new PlainView((text) => stdout.write(text));
}

function leave(why: string, code: number): never {
  view.close(run);
  console.error(why);
  process.exit(code);
}
