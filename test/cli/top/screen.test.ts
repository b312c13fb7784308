import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stripVTControlCharacters } from 'node:util';
import { coloursOf } from '../../../lib/cli/colours.js';
import { displayWidth } from '../../../lib/cli/top/display-width.js';
import { timeOfDay } from '../../../lib/cli/top/numbers.js';
import { screenOf } from '../../../lib/cli/top/screen.js';
import { INITIAL_VIEW, SORT_KEYS, type ViewState } from '../../../lib/cli/top/view-state.js';
import type { FleetEvent, FleetSnapshot, ServerSnapshot } from '../../../lib/fleet/snapshot.js';
import { fixSeed } from '../../support/fix-seed.js';
import { fleetSnapshot, patternSnapshot, serverSnapshot } from '../../support/snapshots.js';

fixSeed(20);

const PLAIN = coloursOf(false, {});
const COLOURED = coloursOf(true, {});

const EVENT: FleetEvent = {
  at: Date.UTC(2026, 10, 30, 11, 59, 58),
  kind: 'down',
  endpoint: 'tcp://10.0.0.2:5555',
  serverId: 'server-2',
  text: 'is down: it closed the connection',
};

const SNAPSHOT = fleetSnapshot({
  totals: { callsPerSecond: 1234, errorsPerSecond: 2.5, p50Ms: 1, p90Ms: 2, p99Ms: 3 },
  servers: [
    serverSnapshot({ callsPerSecond: 234, errorsPerSecond: 2.5, p50Ms: 0.25, p99Ms: 5.2 }),
    serverSnapshot({
      endpoint: 'tcp://10.0.0.2:5555',
      id: 'server-2',
      state: 'dead',
      reason: 'it closed the connection',
      noStats: 'it is not reachable',
    }),
    serverSnapshot({
      endpoint: 'tcp://10.0.0.3:5555',
      id: 'server-3',
      callsPerSecond: 1000,
      p50Ms: 1,
      p99Ms: 120,
      running: 7,
      queued: 3,
    }),
  ],
  patterns: [
    patternSnapshot({ pattern: 'sum', calls: 9000, callsPerSecond: 1200, p50Ms: 0.5, p99Ms: 4 }),
    patternSnapshot({
      pattern: 'report',
      calls: 100,
      errors: 12,
      callsPerSecond: 3,
      errorsPerSecond: 2.5,
      p50Ms: 90,
      p99Ms: 800,
    }),
  ],
});

function shown(
  snapshot: FleetSnapshot | undefined,
  view: Partial<ViewState> = {},
  { columns = 120, rows = 30, colours = PLAIN, events = [EVENT] } = {},
): string[] {
  const paper = { columns, rows, colours };
  return screenOf({ snapshot, events }, { ...INITIAL_VIEW, ...view }, paper);
}

/** The order of the servers on the screen. */
const order = (lines: readonly string[]) =>
  lines.flatMap(
    (line) => /^(?:alive|dead|suspect|draining|connecting) +(\S+)/u.exec(line)?.[1] ?? [],
  );

describe('the screen of top', () => {
  test('has a summary, the servers, the slowest and the failing patterns, events, and keys', () => {
    const lines = shown(SNAPSHOT).map((line) => line.trimEnd());
    expect(lines).toHaveLength(30);
    expect(lines.slice(0, 18)).toEqual([
      expect.stringMatching(
        /^2 of 3 servers up {3}1,234 calls\/s {3}2\.5 errors\/s +\d\d:\d\d:\d\d$/u,
      ),
      '',
      'STATE  SERVER    ENDPOINT             CALLS/S▼  ERRORS/S      P50     P99  RUNNING  QUEUED  CLIENTS  HEARTBEAT',
      'alive  server-3  tcp://10.0.0.3:5555     1,000         0   1.0 ms  120 ms        7       3        1    0.40 ms',
      'alive  server-1  tcp://10.0.0.1:5555       234       2.5  0.25 ms  5.2 ms        0       0        1    0.40 ms',
      'dead   server-2  tcp://10.0.0.2:5555         –         –        –       –        –       –        –          –',
      '',
      'SLOWEST PATTERNS  CALLS/S      P50  P90     P99  PENDING',
      'report                3.0    90 ms    –  800 ms        0',
      'sum                 1,200  0.50 ms    –  4.0 ms        0',
      '',
      'FAILING PATTERNS  CALLS/S  ERRORS/S  ERRORS SINCE START  OF CALLS',
      'report                3.0       2.5                  12      12 %',
      '',
      'EVENTS',
      `${timeOfDay(EVENT.at)}  server-2 (tcp://10.0.0.2:5555) is down: it closed the connection`,
      '',
      '',
    ]);
    expect(lines.at(-1)).toMatch(/^s sort \(calls\) .* q quit$/u);
  });

  test('rates that no server has told yet are not shown as 0', () => {
    const unknown = serverSnapshot({ id: 'new', ratesOverMs: undefined, running: 3 });
    const patterns = [patternSnapshot({ pattern: 'sum', calls: 9, errors: 4 })];
    const lines = shown(fleetSnapshot({ servers: [unknown], patterns })).join('\n');
    expect(lines).toMatch(/^1 of 1 server up {3}– calls\/s {3}– errors\/s /u);
    expect(lines).toMatch(/^alive +new +tcp:\S+ +– +– +– +– +3 /mu);
    expect(lines).toMatch(/^sum +– +– +4 +44 %/mu);
    const servers = [unknown, serverSnapshot({ id: 'idle' })];
    const known = shown(fleetSnapshot({ servers, patterns })).join('\n');
    expect(known).toMatch(/^2 of 2 servers up {3}0 calls\/s {3}0 errors\/s /u);
    expect(known).toMatch(/^alive +idle +tcp:\S+ +0 +0 /mu);
    expect(known).toMatch(/^alive +new +tcp:\S+ +– +– /mu);
    expect(known).toMatch(/^sum +0 +0 +4 +44 %/mu);
  });

  test('a server that says that it is unready is told apart from one that is silent, or fails', () => {
    const servers = ['unready', 'silent', 'failing'].map((reason) =>
      serverSnapshot({ id: reason, state: 'suspect', reason }),
    );
    const states = shown(fleetSnapshot({ servers })).slice(3, 6);
    expect(states.map((line) => line.split(/ +/u).slice(0, 2))).toEqual([
      ['unready', 'unready'],
      ['suspect', 'silent'],
      ['suspect', 'failing'],
    ]);
  });

  test('has columns for zones and priorities only where there is something to tell', () => {
    const titles = (...servers: Partial<ServerSnapshot>[]) => {
      const snapshot = fleetSnapshot({ servers: servers.map(serverSnapshot) });
      return shown(snapshot, {}, { columns: 200 }).find((line) => line.startsWith('STATE'));
    };
    expect(titles({}, {})).not.toMatch(/ZONE|PRIORITY/);
    expect(titles({ priority: 2 }, { priority: 2 })).not.toMatch(/ZONE|PRIORITY/);
    expect(titles({ zone: 'eu-1a' }, {})).toMatch(/ENDPOINT +ZONE +CALLS/);
    expect(titles({}, { priority: 1 })).toMatch(/PRIORITY/);
    const lines = shown(
      fleetSnapshot({
        servers: [serverSnapshot({ zone: 'a\u001B[2J' }), serverSnapshot({ priority: 3 })],
      }),
      {},
      { columns: 200 },
    );
    expect(lines.join('\n')).toMatch(/ a.*2J +0 /);
    expect(lines.join('\n')).not.toContain('\u001B');
    expect(lines.join('\n')).toMatch(/– +3 /);
  });

  test('sorts by the chosen column, and in reverse', () => {
    expect(order(shown(SNAPSHOT))).toEqual(['server-3', 'server-1', 'server-2']);
    expect(order(shown(SNAPSHOT, { isReversed: true }))).toEqual([
      'server-2',
      'server-1',
      'server-3',
    ]);
    expect(order(shown(SNAPSHOT, { sortKey: 'errors' }))[0]).toBe('server-1');
    expect(order(shown(SNAPSHOT, { sortKey: 'state' }))[0]).toBe('server-2');
    expect(order(shown(SNAPSHOT, { sortKey: 'id' }))).toEqual(['server-1', 'server-2', 'server-3']);
  });

  test('escapes what a peer put into ids, patterns and events', () => {
    const evil = 'a\u001B[2Jb\u009B31mc\u202Ed\ne';
    const snapshot = fleetSnapshot({
      servers: [
        serverSnapshot({ id: evil, noStats: evil }),
        serverSnapshot({ id: evil, staleMs: 4000 }),
      ],
      patterns: [patternSnapshot({ pattern: evil, p99Ms: 1, calls: 1, errors: 1 })],
    });
    const events = [{ ...EVENT, serverId: evil, endpoint: evil, text: evil }];
    const lines = shown(snapshot, {}, { columns: 400, events });
    expect(lines.join('\n').match(/a\\u\{1b\}\[2Jb\\u\{9b\}31mc\\u\{202e\}d\\ne/gu)?.length).toBe(
      10,
    );
    for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test('keeps to the terminal, whatever its size and whatever is shown', () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    const snapshot = fc.record({
      servers: fc.array(
        fc
          .record({ id: text, callsPerSecond: fc.double({ min: 0, noNaN: true }) })
          .map(serverSnapshot),
        { maxLength: 40 },
      ),
      patterns: fc.array(
        fc
          .record({
            pattern: text,
            p99Ms: fc.double({ min: 0, max: 20_000, noNaN: true }),
            errors: fc.nat(),
          })
          .map(patternSnapshot),
        { maxLength: 20 },
      ),
    });
    const view = fc.record({
      isHelpOpen: fc.boolean(),
      isPaused: fc.boolean(),
      sortKey: fc.constantFrom(...SORT_KEYS),
      scrolled: fc.nat(50),
    });
    const size = fc.record({ columns: fc.nat(200), rows: fc.nat(60) });
    fc.assert(
      fc.property(snapshot, view, size, (differs, chosen, { columns, rows }) => {
        const lines = shown(fleetSnapshot(differs), chosen, { columns, rows, colours: COLOURED });
        expect(lines.length).toBeLessThanOrEqual(rows);
        for (const line of lines)
          expect(displayWidth(stripVTControlCharacters(line))).toBeLessThanOrEqual(columns);
      }),
    );
  });

  test('says how many servers are below, and scrolls to them', () => {
    const servers = Array.from({ length: 50 }, (_, n) =>
      serverSnapshot({ id: `server-${n}`, endpoint: `tcp://10.0.0.9:${1000 + n}` }),
    );
    const snapshot = fleetSnapshot({ servers });
    const size = { rows: 12, columns: 100, events: [] };
    expect(order(shown(snapshot, {}, size))[0]).toBe('server-0');
    expect(shown(snapshot, {}, size).join('\n')).toMatch('… and 43 more below');
    expect(order(shown(snapshot, { scrolled: 10 }, size))[0]).toBe('server-10');
    const end = shown(snapshot, { scrolled: 49 }, size);
    expect(order(end).at(-1)).toBe('server-49');
    expect(end.join('\n')).not.toMatch('more below');
  });

  test('says why numbers are missing, or old', () => {
    const servers = [
      serverSnapshot({ id: 'quiet', noStats: 'it offers none: its option introspection is off' }),
      serverSnapshot({ id: 'hung', staleMs: 3200 }),
    ];
    const text = shown(fleetSnapshot({ servers })).join('\n');
    expect(text).toMatch(
      'quiet shows no statistics: it offers none: its option introspection is off',
    );
    expect(text).toMatch('hung has not answered for 3 s: its numbers are of then');
  });

  test('says that it connects, that it is paused, and what the keys do', () => {
    expect(shown(undefined)[2]).toBe('Connecting …');
    expect(shown(SNAPSHOT, { isPaused: true })[0]).toMatch('PAUSED');
    const help = shown(SNAPSHOT, { isHelpOpen: true }).join('\n');
    expect(help).toMatch(/r +reverse the order/u);
    expect(help).toMatch('HEARTBEAT: round trip');
  });

  test('has colours only where they are wanted', () => {
    expect(shown(SNAPSHOT).join('')).not.toMatch('\u001B');
    const coloured = shown(SNAPSHOT, {}, { colours: COLOURED }).join('\n');
    expect(coloured).toContain('\u001B[31mdead');
    expect(coloured).toContain('\u001B[32malive');
    expect(stripVTControlCharacters(coloured)).toBe(shown(SNAPSHOT).join('\n'));
  });
});
