import { type Line, paint, span } from './line.js';
import { counted, latency, moment } from './numbers.js';
import type { Run } from './run.js';
import type { View } from './view.js';

/** A log cuts no lines. */
const PAPER = { width: Infinity, hasColour: false };

/** One line per second, and one per event, without escape codes: for a pipe or a log. */
export class PlainView implements View {
  readonly #write: (text: string) => void;
  #eventsShown = 0;
  #nextSecond = 1;
  #hasShownPage = false;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  show(run: Run): void {
    if (run.page !== undefined && !this.#hasShownPage) {
      this.#hasShownPage = true;
      this.print([[span(`The live page: ${run.page}`)]]);
    }
    for (const { at, text } of run.events.slice(this.#eventsShown)) {
      this.print([[span(`${moment(at)}  ${text}`)]]);
    }
    this.#eventsShown = run.events.length;

    const second = Math.floor(run.age / 1000);
    if (second < this.#nextSecond) return;
    this.#nextSecond = second + 1;
    this.print([[span(`${moment(second * 1000)}  ${standing(run)}`)]]);
  }

  close(run: Run): void {
    this.show(run);
  }

  print(lines: readonly Line[]): void {
    for (const line of lines) this.#write(`${paint(line, PAPER)}\n`);
  }
}

function standing(run: Run): string {
  const { answered, failed } = run.tally;
  const calls = `${counted(answered)} answered, ${failed} failed, ${run.stats.pending} open`;
  const servers = [...run.servers.keys()].map((server) => {
    const seen = run.seen(server);
    return `${server} ${seen?.state ?? '-'} ${latency(seen?.latencyMs)} ${run.rate(server)}/s`;
  });
  return [calls, ...servers].join(' | ');
}
