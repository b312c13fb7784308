import type { Colours } from '../colours.js';
import { table } from '../table.js';
import type { OfferedInfo } from './read-info.js';

/** What a server is and offers, for people. */
export function showInfo(
  endpoint: string,
  info: OfferedInfo,
  { colours, width }: { colours: Colours; width?: number | undefined },
): string {
  const { id, state, facts, uptimeMs, endpoints, limits, patterns, morePatterns } = info;
  const shownState = (state === 'ready' ? colours.green : colours.yellow)(state);
  const since = uptimeMs === undefined ? [] : [`up for ${shownTime(uptimeMs)}`];
  const lines = [
    `${colours.bold(endpoint)}  ${id}  ${shownState}`,
    `  ${[...facts, ...since].join(', ')}`,
    ...(endpoints.length > 0 ? [`  listens at ${endpoints.join(', ')}`] : []),
    ...listed(limits.map((limit) => limit.join(' '))),
    '',
  ];
  const rows = patterns.map(({ pattern, kind, isAtMostOnce, description }) => [
    pattern,
    kind,
    isAtMostOnce ? 'yes' : '',
    description,
  ]);
  const more = morePatterns > 0 ? `… and ${morePatterns} more\n` : '';
  const offered =
    rows.length === 0
      ? 'It has no handlers.\n'
      : table([['PATTERN', 'KIND', 'AT MOST ONCE', 'DESCRIPTION'], ...rows], width);
  return `${lines.join('\n')}\n${offered}${more}`;
}

const WIDEST = 80;

/** Items with commas between, over as many lines as they need. */
function listed(items: readonly string[]): readonly string[] {
  const lines: string[] = [];
  for (const [at, item] of items.entries()) {
    const text = at < items.length - 1 ? `${item},` : item;
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + text.length > WIDEST) lines.push(`  ${text}`);
    else lines[lines.length - 1] = `${line} ${text}`;
  }
  return lines;
}

const UNITS: readonly (readonly [name: string, ms: number])[] = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1000],
];

/** The two largest units: `3 h 12 min`. */
export function shownTime(ms: number): string {
  const first = UNITS.findIndex(([, unit]) => ms >= unit);
  if (first < 0) return `${Math.round(ms)} ms`;
  const parts: string[] = [];
  let left = ms;
  for (const [name, unit] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(left / unit);
    left -= count * unit;
    if (count > 0) parts.push(`${count} ${name}`);
  }
  return parts.join(' ');
}
