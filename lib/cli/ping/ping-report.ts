import { plainText } from '../../core/plain-text.js';
import type { Colours } from '../colours.js';
import { jsonLine } from '../json-line.js';
import { flagWords } from '../words-of-flags.js';
import type { PingOutcome } from './pinger.js';
import type { RoundTripSummary } from './round-trips.js';
import { factsOf, type PingSummary, type ServerFacts } from './server-pings.js';

/** Writes what pings have shown. */
export interface PingReport {
  settled(endpoint: string, sequence: number, outcome: PingOutcome): string;
  summary(summary: PingSummary): string;
}

/** A line for each PING, then a paragraph for each server, as ping(8) has it. */
export function pingsForPeople(colours: Colours): PingReport {
  return {
    settled: (endpoint, sequence, outcome) => {
      if (outcome.type === 'failed') {
        const failure = colours.red(plainText(flagWords(outcome.reason), LONGEST_REASON));
        return `${endpoint}: seq=${sequence} failed: ${failure}\n`;
      }
      const facts = factsOf(outcome.pong);
      const connected =
        outcome.connectMs === undefined ? '' : ` (connected in ${shownMs(outcome.connectMs)} ms)`;
      const load = facts.load === undefined ? '' : ` load=${Math.round(facts.load * 100)}%`;
      return (
        `${endpoint} ${facts.serverId ?? ''}`.trimEnd() +
        `: seq=${sequence} time=${shownMs(outcome.ms)} ms ${shownState(facts, colours)}${load}${connected}\n`
      );
    },
    summary: ({ endpoint, pings, answered, facts, roundTrip }) => {
      const who = facts ? `${facts.serverId ?? 'unnamed'}, ${facts.dialect} dialect` : 'no answer';
      const lost = pings === 0 ? 0 : Math.round((1 - answered / pings) * 100);
      const lines = [
        `\n--- ${colours.bold(endpoint)} (${who}) ---`,
        `${pings} ${pings === 1 ? 'ping' : 'pings'}, ${answered} answered, ${lost}% lost`,
      ];
      if (roundTrip) {
        const { minMs, avgMs, maxMs, stddevMs } = roundTrip;
        const figures = [minMs, avgMs, maxMs, stddevMs].map(shownMs).join('/');
        lines.push(`round trip min/avg/max/stddev = ${figures} ms`);
      }
      return `${lines.join('\n')}\n`;
    },
  };
}

/** One JSON object a line: `{"type":"ping",…}` for each PING, then `{"type":"summary",…}` for each server. */
export const PINGS_AS_JSON: PingReport = {
  settled: (endpoint, sequence, outcome) => {
    const ping = { type: 'ping', endpoint, sequence };
    if (outcome.type === 'failed') return jsonLine({ ...ping, failed: outcome.reason });
    const { ms, connectMs, pong } = outcome;
    return jsonLine({
      ...ping,
      ms: rounded(ms),
      connectMs: connectMs && rounded(connectMs),
      ...factsOf(pong),
    });
  },
  summary: ({ facts, roundTrip, ...summary }) =>
    jsonLine({
      type: 'summary',
      ...summary,
      ...(roundTrip && { roundTrip: roundedTrip(roundTrip) }),
      ...facts,
    }),
};

const LONGEST_REASON = 500;

function shownState({ state }: ServerFacts, { green, yellow }: Colours): string {
  return (state === 'ready' ? green : yellow)(state);
}

function roundedTrip({ minMs, avgMs, maxMs, stddevMs }: RoundTripSummary): RoundTripSummary {
  return {
    minMs: rounded(minMs),
    avgMs: rounded(avgMs),
    maxMs: rounded(maxMs),
    stddevMs: rounded(stddevMs),
  };
}

/** To microseconds: what is finer is noise. */
function rounded(ms: number): number {
  return Number(shownMs(ms));
}

/** Microseconds, as ping(8) has them. */
function shownMs(ms: number): string {
  return ms.toFixed(3);
}
