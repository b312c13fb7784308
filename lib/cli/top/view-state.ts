/** By what servers can be sorted, in the order in which `s` goes through it. */
export const SORT_KEYS = [
  'calls',
  'errors',
  'p99',
  'p50',
  'running',
  'queued',
  'clients',
  'heartbeat',
  'state',
  'id',
  'endpoint',
] as const;

export type SortKey = (typeof SORT_KEYS)[number];

/** What the person at the keyboard has chosen. */
export interface ViewState {
  readonly sortKey: SortKey;
  readonly isReversed: boolean;
  /** The screen shows one moment, until it goes on. */
  readonly isPaused: boolean;
  readonly isHelpOpen: boolean;
  /** How many servers are above the first one that is shown. */
  readonly scrolled: number;
}

export const INITIAL_VIEW: ViewState = {
  sortKey: 'calls',
  isReversed: false,
  isPaused: false,
  isHelpOpen: false,
  scrolled: 0,
};

/** Keys that end it: `q`, or Ctrl-C. */
export type Leave = 'quit' | 'interrupt';

/** What each key does, for the help. */
export const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['s S', 'sort by the next column, or by the one before'],
  ['c e l', 'sort by calls, errors, or latency (p99)'],
  ['r', 'reverse the order'],
  ['↑ ↓ PgUp PgDn', 'scroll through the servers'],
  ['p Space', 'pause: the screen stays as it is; and go on'],
  ['h ?', 'open this help, and close it'],
  ['q Ctrl-C', 'quit'],
];

const SORTED_BY: Readonly<Record<string, SortKey>> = { c: 'calls', e: 'errors', l: 'p99' };

const SCROLLED_BY: Readonly<Record<string, number>> = {
  '\u001B[A': -1,
  '\u001BOA': -1,
  k: -1,
  '\u001B[B': 1,
  '\u001BOB': 1,
  j: 1,
  '\u001B[5~': -10,
  '\u001B[6~': 10,
};

const CTRL_C = '\u0003';

const ESCAPE = '\u001B';

/** What follows it: the rest of a control sequence, or of a key in application mode. Source: ECMA-48. */
const SEQUENCE = /^(?:\[[0-?]*[ -/]*[@-~]|O.)/u;

/** The keys in what a terminal has sent: escape sequences, and characters. */
export function keysIn(text: string): string[] {
  const [typed = '', ...sequences] = text.split(ESCAPE);
  const keys = Array.from(typed);
  for (const after of sequences) {
    const [sequence = ''] = SEQUENCE.exec(after) ?? [];
    keys.push(ESCAPE + sequence, ...Array.from(after.slice(sequence.length)));
  }
  return keys;
}

/**
 * What a key changes; one without a meaning changes nothing.
 *
 * @param servers how many there are
 */
export function pressed(view: ViewState, key: string, servers: number): ViewState | Leave {
  if (key === CTRL_C) return 'interrupt';
  const sortKey = SORTED_BY[key];
  if (sortKey) return { ...view, sortKey, isReversed: false };
  const by = SCROLLED_BY[key];
  if (by !== undefined) {
    const scrolled = Math.min(Math.max(view.scrolled + by, 0), Math.max(servers - 1, 0));
    return { ...view, scrolled };
  }
  switch (key) {
    case 'q':
      return 'quit';
    case 's':
      return { ...view, sortKey: sortKeyBeside(view.sortKey, 1), isReversed: false };
    case 'S':
      return { ...view, sortKey: sortKeyBeside(view.sortKey, -1), isReversed: false };
    case 'r':
      return { ...view, isReversed: !view.isReversed };
    case 'p':
    case ' ':
      return { ...view, isPaused: !view.isPaused };
    case 'h':
    case '?':
      return { ...view, isHelpOpen: !view.isHelpOpen };
    default:
      return view.isHelpOpen && key === ESCAPE ? { ...view, isHelpOpen: false } : view;
  }
}

function sortKeyBeside(key: SortKey, step: number): SortKey {
  const at = SORT_KEYS.indexOf(key) + step + SORT_KEYS.length;
  return SORT_KEYS[at % SORT_KEYS.length] ?? key;
}
